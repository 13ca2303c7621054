// Finding many literals at once by hashing identifiers. A literal that must stand alone as a word has, in any
// text that contains it, each of its own identifiers as a whole identifier of that text; so looking up the
// text's identifiers in a table of one identifier a literal (its anchor, the longest, as the rarest) misses
// nothing. A literal that may lie inside of a longer identifier has no such anchor unless one of its
// identifiers is fenced by other characters on both sides; without one it is searched for by itself.
#include "analyzer/source/prefilter.h"

#include <algorithm>

#include "analyzer/source/glance.h"
#include "analyzer/source/identifiers.h"

namespace lockwright::source {
namespace {

// Nearly every identifier of a text must meet an empty slot at once.
constexpr std::size_t kFewestSlots = 1024;
constexpr std::size_t kSlotsPerLiteral = 8;
constexpr std::size_t one_by_one = 12;  ///< more searches than these cost as much as a scan

struct Anchor {
  std::size_t begin = 0;
  std::size_t size = 0;
};

Anchor find_anchor(const Literal& literal) {
  Anchor best;
  for_each_identifier(literal.text, [&](std::size_t begin, std::size_t size) {
    const bool fenced = begin > 0 && begin + size < literal.text.size();
    if (size > best.size && (fenced || !literal.inside_identifiers)) best = {begin, size};
    return true;
  });
  return best;
}

/// Where in the literal the byte stands that is rarest in source code, and so the one to look for: finding a
/// byte costs nothing to speak of where there is none.
std::size_t rarest_byte(std::string_view literal) {
  static constexpr std::string_view by_frequency =
      " etonsrialcdpum.'()gfh,:;=_vyk{}CxbETw/SA-RIPMONLD*>0[]BFj\"GUH12Vq?`W\\|z#K";
  const auto rarity = [](char byte) { return std::min(by_frequency.find(byte), by_frequency.size()); };
  return static_cast<std::size_t>(std::ranges::max_element(literal, {}, rarity) - literal.begin());
}

bool is_quoted(std::string_view literal) {
  return literal.size() >= 2 && (literal.front() == '"' || literal.front() == '\'') &&
         literal.back() == literal.front();
}

}  // namespace

Prefilter::Prefilter(std::vector<Literal> literals, std::vector<Clue> clues)
    : literals_(std::move(literals)), clues_(std::move(clues)) {
  std::size_t slots = kFewestSlots;
  while (slots < literals_.size() * kSlotsPerLiteral) slots *= 2;
  slots_.resize(slots);
  for (std::uint32_t index = 0; index < literals_.size(); ++index) {
    const Literal& literal = literals_[index];
    if (literal.text.empty()) continue;
    const Anchor anchor = find_anchor(literal);
    if (anchor.size == 0) {
      unanchored_.push_back(index);
    } else {
      const std::string_view identifier = std::string_view(literal.text).substr(anchor.begin, anchor.size);
      insert({identifier_hash(identifier), index, static_cast<std::uint32_t>(anchor.begin)});
    }
  }
}

void Prefilter::insert(const Slot& slot) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = slot.hash & mask;
  while (slots_[at].literal != kEmpty) at = (at + 1) & mask;
  slots_[at] = slot;
}

bool Prefilter::occurs_at(const Literal& literal, std::string_view text, std::size_t begin) const {
  if (text.substr(begin, literal.text.size()) != literal.text) return false;
  if (literal.inside_identifiers) return true;
  const std::size_t end = begin + literal.text.size();
  const bool starts_inside =
      begin > 0 && is_identifier_byte(literal.text.front()) && is_identifier_byte(text[begin - 1]);
  const bool ends_inside =
      end < text.size() && is_identifier_byte(literal.text.back()) && is_identifier_byte(text[end]);
  if (starts_inside || ends_inside) return false;
  return !is_quoted(literal.text) || !is_key(text, begin, end);
}

/// Calls `found(literal index)` for every occurrence, until it returns false.
template <typename Found>
void Prefilter::scan(std::string_view text, const Found& found) const {
  const std::size_t mask = slots_.size() - 1;
  const bool go_on = for_each_identifier(text, [&](std::size_t begin, std::size_t size) {
    const std::uint32_t hash = identifier_hash(text.substr(begin, size), text.size() - begin);
    for (std::size_t at = hash & mask; slots_[at].literal != kEmpty; at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.hash == hash && begin >= slot.anchor_offset &&
          occurs_at(literals_[slot.literal], text, begin - slot.anchor_offset) && !found(slot.literal)) {
        return false;
      }
    }
    return true;
  });
  if (!go_on) return;
  for (const std::uint32_t index : unanchored_) {
    if (occurs(literals_[index], text) && !found(index)) return;
  }
}

bool Prefilter::occurs(const Literal& literal, std::string_view text) const {
  const std::size_t offset = rarest_byte(literal.text);
  const char byte = literal.text[offset];
  for (std::size_t at = text.find(byte, offset); at != std::string_view::npos; at = text.find(byte, at + 1)) {
    if (occurs_at(literal, text, at - offset)) return true;
  }
  return false;
}

template <typename Has>
bool Prefilter::has_clue(const Has& has) const {
  return std::ranges::any_of(clues_, [&](const Clue& clue) {
    return std::ranges::all_of(
        clue, [&](const std::vector<std::size_t>& group) { return std::ranges::any_of(group, has); });
  });
}

bool Prefilter::matches(std::string_view text) const {
  if (clues_.empty() && literals_.size() <= one_by_one)
    return std::ranges::any_of(literals_, [&](const Literal& literal) { return occurs(literal, text); });
  if (!clues_.empty()) {
    std::vector<char> found(literals_.size());
    scan(text, [&](std::uint32_t index) {
      found[index] = 1;
      return true;
    });
    return has_clue([&](std::size_t literal) { return found[literal] != 0; });
  }
  bool any = false;
  scan(text, [&](std::uint32_t) {
    any = true;
    return false;
  });
  return any;
}

bool Prefilter::matches(std::string_view text, const Vocabulary& vocabulary) const {
  enum State : char { no, maybe, yes };
  std::vector<char> state = possible(vocabulary);
  if (static_cast<std::size_t>(std::ranges::count(state, maybe)) > one_by_one) return matches(text);
  const auto has = [&](std::size_t literal) {
    if (state[literal] == maybe) state[literal] = occurs(literals_[literal], text) ? yes : no;
    return state[literal] == yes;
  };
  if (!clues_.empty()) return has_clue(has);
  for (std::size_t literal = 0; literal < literals_.size(); ++literal) {
    if (has(literal)) return true;
  }
  return false;
}

std::vector<std::size_t> Prefilter::which(std::string_view text) const {
  std::vector<std::size_t> indices;
  scan(text, [&](std::uint32_t index) {
    indices.push_back(index);
    return true;
  });
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  return indices;
}

std::vector<char> Prefilter::possible(const Vocabulary& vocabulary) const {
  const std::size_t mask = slots_.size() - 1;
  std::vector<char> result(literals_.size());
  for (const std::uint32_t index : unanchored_) result[index] = 1;
  for (const std::uint32_t hash : vocabulary.hashes()) {
    for (std::size_t at = hash & mask; slots_[at].literal != kEmpty; at = (at + 1) & mask) {
      if (slots_[at].hash == hash) result[slots_[at].literal] = 1;
    }
  }
  return result;
}

bool Prefilter::may_match(const Vocabulary& vocabulary) const {
  const std::size_t mask = slots_.size() - 1;
  if (!clues_.empty()) {
    const std::vector<char> maybe = possible(vocabulary);
    return has_clue([&](std::size_t literal) { return maybe[literal] != 0; });
  }
  if (!unanchored_.empty()) return true;
  return std::ranges::any_of(vocabulary.hashes(), [&](std::uint32_t hash) {
    for (std::size_t at = hash & mask; slots_[at].literal != kEmpty; at = (at + 1) & mask) {
      if (slots_[at].hash == hash) return true;
    }
    return false;
  });
}

}  // namespace lockwright::source
