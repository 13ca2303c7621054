// The term table, by hash consing: before a term is made, the table looks whether it has one of the same kind
// with the same contents. Operands are terms themselves, thus already unique, so that "the same contents" is
// a comparison of a few integers, and equal values always end up as the same number.
//
// Terms are rows of one array, numbered in the order of their making: operands have smaller numbers than what
// is built of them. Strings and operand lists lie in an arena that never moves anything, which is why views
// of them stay valid while the table grows. An open-addressing hash table of row numbers finds the equal row.
#include "analyzer/ir/term.h"

#include <algorithm>
#include <cstring>
#include <memory_resource>
#include <queue>
#include <unordered_map>

namespace lockwright::ir {
namespace {

/// Index of an interned string; 0 is "".
enum class TextId : std::uint32_t { empty = 0 };

struct Node {
  TermKind kind = TermKind::unknown;
  std::uint32_t depth = 1;
  TermKinds kinds = 0;
  std::uint32_t context = 0;
  TextId text = TextId::empty;
  std::int64_t number = 0;
  std::span<const Term> operands = {};
};

std::size_t row(Term term) {
  return static_cast<std::size_t>(term);
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
  return hash ^ (hash >> 29U);
}

std::uint32_t hash_of(const Node& node) {
  std::uint64_t hash = mix(static_cast<std::uint64_t>(node.kind) + 1, static_cast<std::uint64_t>(node.text));
  hash = mix(hash, static_cast<std::uint64_t>(node.number));
  hash = mix(hash, node.context);
  for (const Term operand : node.operands) hash = mix(hash, row(operand));
  return static_cast<std::uint32_t>(hash >> 32U);
}

bool same(const Node& a, const Node& b) {
  return a.kind == b.kind && a.text == b.text && a.number == b.number && a.context == b.context &&
         std::ranges::equal(a.operands, b.operands);
}

/// An entry of the hash table. The hash stands beside the row, so that a search looks only at likely rows.
struct Slot {
  std::uint32_t row = 0;  // 0: free
  std::uint32_t hash = 0;
};

/// What a rewrite has found out so far. Stamped with the rewrite's number, so that nothing needs clearing.
struct RewriteMemo {
  struct Entry {
    std::uint32_t stamp = 0;
    Term result = Term::none;
  };
  std::vector<Entry> entries;
  std::uint32_t stamp = 0;
};

}  // namespace

struct TermTable::Storage {
  std::pmr::monotonic_buffer_resource arena;
  std::vector<Node> nodes;
  std::vector<Slot> slots;  // a power of two of them, never more than half taken
  std::vector<std::string_view> texts;
  std::unordered_map<std::string_view, TextId> text_ids;
  std::vector<std::unique_ptr<RewriteMemo>> memos;  // one for each rewrite that is running inside another
  std::size_t running_rewrites = 0;

  Storage() : nodes(1), slots(64), texts(1) { text_ids.emplace(std::string_view{}, TextId::empty); }

  [[nodiscard]] const Node& node(Term term) const { return nodes[row(term)]; }

  TextId intern(std::string_view text) {
    if (const auto found = text_ids.find(text); found != text_ids.end()) return found->second;
    auto* copy = static_cast<char*>(arena.allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    const std::string_view stored{copy, text.size()};
    const auto id = static_cast<TextId>(texts.size());
    texts.push_back(stored);
    text_ids.emplace(stored, id);
    return id;
  }

  /// The slot that holds `wanted`, or the free one where it belongs.
  Slot& slot_of(const Node& wanted, std::uint32_t hash) {
    const std::size_t mask = slots.size() - 1;
    std::size_t i = hash & mask;
    while (slots[i].row != 0 && (slots[i].hash != hash || !same(nodes[slots[i].row], wanted))) {
      i = (i + 1) & mask;
    }
    return slots[i];
  }

  void grow() {
    std::vector<Slot> old(slots.size() * 2);
    old.swap(slots);
    const std::size_t mask = slots.size() - 1;
    for (const Slot& taken : old) {
      if (taken.row == 0) continue;
      std::size_t i = taken.hash & mask;
      while (slots[i].row != 0) i = (i + 1) & mask;
      slots[i] = taken;
    }
  }

  /// The one term with these contents. `wanted.operands` may point anywhere; a new term gets its own copy.
  Term find_or_add(Node wanted) {
    const std::uint32_t hash = hash_of(wanted);
    if (const Slot& found = slot_of(wanted, hash); found.row != 0) return static_cast<Term>(found.row);

    wanted.kinds = kinds_of(wanted.kind);
    for (const Term operand : wanted.operands) {
      wanted.kinds |= node(operand).kinds;
      wanted.depth = std::max(wanted.depth, node(operand).depth + 1);
    }
    if (wanted.depth > max_depth) return find_or_add({.kind = TermKind::unknown});

    if (!wanted.operands.empty()) {
      void* copy = arena.allocate(wanted.operands.size_bytes(), alignof(Term));
      std::memcpy(copy, wanted.operands.data(), wanted.operands.size_bytes());
      wanted.operands = {static_cast<const Term*>(copy), wanted.operands.size()};
    }
    if (nodes.size() * 2 > slots.size()) grow();
    slot_of(wanted, hash) = {.row = static_cast<std::uint32_t>(nodes.size()), .hash = hash};
    nodes.push_back(wanted);
    return static_cast<Term>(nodes.size() - 1);
  }

  Term leaf(TermKind kind, std::int64_t number = 0) { return find_or_add({.kind = kind, .number = number}); }

  /// A term with operands; none among them becomes unknown.
  Term compound(TermKind kind, std::string_view text, std::span<const Term> operands) {
    std::vector<Term> repaired;
    if (std::ranges::find(operands, Term::none) != operands.end()) {
      repaired.assign(operands.begin(), operands.end());
      std::ranges::replace(repaired, Term::none, leaf(TermKind::unknown));
      operands = repaired;
    }
    return find_or_add({.kind = kind, .text = intern(text), .operands = operands});
  }

  Term with_first(TermKind kind, Term first, std::span<const Term> rest) {
    std::vector<Term> operands;
    operands.reserve(rest.size() + 1);
    operands.push_back(first);
    operands.insert(operands.end(), rest.begin(), rest.end());
    return compound(kind, std::string_view{}, operands);
  }
};

TermTable::TermTable() : storage_(std::make_shared<Storage>()) {}
TermTable::~TermTable() = default;
TermTable::TermTable(TermTable&&) noexcept = default;
TermTable& TermTable::operator=(TermTable&&) noexcept = default;

TermTable TermTable::share() const {
  return TermTable(*this);
}

Term TermTable::unknown() {
  return storage_->leaf(TermKind::unknown);
}
Term TermTable::local(Local local) {
  return storage_->leaf(TermKind::local, static_cast<std::int64_t>(local));
}
Term TermTable::param(std::uint32_t position) {
  return storage_->leaf(TermKind::param, position);
}
Term TermTable::self() {
  return storage_->leaf(TermKind::self);
}
Term TermTable::activation() {
  return storage_->leaf(TermKind::activation);
}
Term TermTable::frame() {
  return storage_->leaf(TermKind::frame);
}
Term TermTable::string(std::string_view text) {
  return storage_->compound(TermKind::string, text, {});
}
Term TermTable::integer(std::int64_t value) {
  return storage_->leaf(TermKind::integer, value);
}
Term TermTable::boolean(bool value) {
  return storage_->leaf(TermKind::boolean, value ? 1 : 0);
}
Term TermTable::null() {
  return storage_->leaf(TermKind::null);
}
Term TermTable::global(std::string_view name) {
  return storage_->compound(TermKind::global, name, {});
}

Term TermTable::field(Term base, std::string_view name) {
  return storage_->compound(TermKind::field, name, {&base, 1});
}
Term TermTable::index(Term base, Term key) {
  const Term operands[] = {base, key};
  return storage_->compound(TermKind::index, {}, operands);
}
Term TermTable::apply(Term function, std::span<const Term> arguments) {
  return storage_->with_first(TermKind::apply, function, arguments);
}
Term TermTable::make(Term type, std::span<const Term> arguments) {
  return storage_->with_first(TermKind::make, type, arguments);
}
Term TermTable::keyword(std::string_view name, Term value) {
  return storage_->compound(TermKind::keyword, name, {&value, 1});
}
Term TermTable::closure(std::string_view function, Term frame) {
  return frame == Term::none ? storage_->compound(TermKind::closure, function, {})
                             : storage_->compound(TermKind::closure, function, {&frame, 1});
}
Term TermTable::fresh(std::uint32_t site, std::uint32_t context) {
  return storage_->find_or_add({.kind = TermKind::fresh, .context = context, .number = site});
}

Term TermTable::concat(std::span<const Term> parts) {
  std::vector<Term> flat;  // no concat, no two strings in a row, no empty string
  std::string joined;      // the strings at the end of `flat` when there is more than one to join
  const auto add = [&](Term part) {
    if (kind(part) != TermKind::string) {
      flat.push_back(part == Term::none ? unknown() : part);
    } else if (!text(part).empty()) {
      if (flat.empty() || kind(flat.back()) != TermKind::string) {
        joined = text(part);
        flat.push_back(part);
      } else {
        joined += text(part);
        if (joined.size() <= max_text) flat.back() = string(joined);
      }
    }
  };
  for (const Term part : parts) {
    if (kind(part) == TermKind::concat) {
      std::ranges::for_each(operands(part), add);
    } else {
      add(part);
    }
    if (flat.size() > max_parts || joined.size() > max_text) return unknown();
  }
  if (flat.empty()) return string({});
  if (flat.size() == 1) return flat.front();
  return storage_->compound(TermKind::concat, {}, flat);
}

std::string_view TermTable::intern(std::string_view text) {
  return storage_->texts[static_cast<std::size_t>(storage_->intern(text))];
}

TermKind TermTable::kind(Term term) const {
  return storage_->node(term).kind;
}
std::span<const Term> TermTable::operands(Term term) const {
  return storage_->node(term).operands;
}
std::string_view TermTable::text(Term term) const {
  return storage_->texts[static_cast<std::size_t>(storage_->node(term).text)];
}
std::int64_t TermTable::number(Term term) const {
  return storage_->node(term).number;
}
std::uint32_t TermTable::context(Term term) const {
  return storage_->node(term).context;
}
TermKinds TermTable::kinds_in(Term term) const {
  return storage_->node(term).kinds;
}
bool TermTable::definite(Term term) const {
  return term != Term::none && (kinds_in(term) & kinds_of(TermKind::unknown)) == 0;
}
std::size_t TermTable::size() const {
  return storage_->nodes.size();
}

bool TermTable::contains(Term whole, Term part) const {
  const TermKinds needed = kinds_in(part);
  // A part is made before its whole, so its number is smaller; and the whole has all its kinds.
  const auto possible = [&](Term term) {
    return row(term) > row(part) && (kinds_in(term) & needed) == needed;
  };
  if (whole == part || !possible(whole)) return whole == part;
  std::priority_queue<Term> open;  // largest number first: equal subterms meet, and all but one are dropped
  open.push(whole);
  while (!open.empty()) {
    const Term term = open.top();
    while (!open.empty() && open.top() == term) open.pop();
    for (const Term operand : operands(term)) {
      if (operand == part) return true;
      if (possible(operand)) open.push(operand);
    }
  }
  return false;
}

Term TermTable::rebuild(const TermTable& source, Term like, std::span<const Term> operands) {
  const std::string_view text = source.text(like);
  switch (source.kind(like)) {
    case TermKind::concat: return concat(operands);
    case TermKind::string:
    case TermKind::global:
    case TermKind::field:
    case TermKind::index:
    case TermKind::apply:
    case TermKind::make:
    case TermKind::keyword:
    case TermKind::closure: return storage_->compound(source.kind(like), text, operands);
    default:
      return storage_->find_or_add(
          {.kind = source.kind(like), .context = source.context(like), .number = source.number(like)});
  }
}

Term TermTable::rewrite(Term term, const std::function<Term(Term)>& replace) {
  return term == Term::none ? term : rewrite_kinds(term, ~TermKinds{0}, replace);
}

namespace {

/// A rewrite under way: walks down to the leaves, and rebuilds on the way up what has changed.
template <typename Rebuild>
class Rewriter {
 public:
  Rewriter(const TermTable& terms, TermKinds kinds, const std::function<Term(Term)>& replace,
           RewriteMemo& memo, Rebuild rebuild)
      : terms_(terms), kinds_(kinds), replace_(replace), memo_(memo), rebuild_(rebuild) {}

  Term run(Term term) {
    if ((terms_.kinds_in(term) & kinds_) == 0) return term;
    if (row(term) < memo_.entries.size() && memo_.entries[row(term)].stamp == memo_.stamp) {
      return memo_.entries[row(term)].result;
    }
    const Term result = replace_(with_new_operands(term));
    if (memo_.entries.size() <= row(term)) memo_.entries.resize(terms_.size());
    memo_.entries[row(term)] = {memo_.stamp, result};
    return result;
  }

 private:
  Term with_new_operands(Term term) {
    const std::span<const Term> old = terms_.operands(term);
    for (std::size_t i = 0; i < old.size(); ++i) {
      const Term first_new = run(old[i]);
      if (first_new != old[i]) return with_new_operands(term, i, first_new);
    }
    return term;
  }

  /// Operands before `changed` stay, operand `changed` becomes `first_new`, those after it are still to do.
  Term with_new_operands(Term term, std::size_t changed, Term first_new) {
    const std::span<const Term> old = terms_.operands(term);
    std::vector<Term> operands(old.begin(), old.end());
    operands[changed] = first_new;
    for (std::size_t i = changed + 1; i < old.size(); ++i) operands[i] = run(old[i]);
    return rebuild_(term, operands);
  }

  const TermTable& terms_;
  TermKinds kinds_;
  const std::function<Term(Term)>& replace_;
  RewriteMemo& memo_;
  Rebuild rebuild_;
};

}  // namespace

Term TermTable::rewrite_kinds(Term term, TermKinds kinds, const std::function<Term(Term)>& replace) {
  Storage& storage = *storage_;
  if (storage.memos.size() == storage.running_rewrites) {
    storage.memos.push_back(std::make_unique<RewriteMemo>());
  }
  RewriteMemo& memo = *storage.memos[storage.running_rewrites];
  if (++memo.stamp == 0) {  // after four billion rewrites old stamps would come round again
    memo.entries.clear();
    memo.stamp = 1;
  }
  struct Running {  // also when `replace` throws
    std::size_t& count;
    explicit Running(std::size_t& running) : count(++running) {}
    ~Running() { --count; }
  } const running(storage.running_rewrites);
  const auto rebuild_here = [this](Term like, std::span<const Term> operands) {
    return rebuild(*this, like, operands);
  };
  return Rewriter(*this, kinds, replace, memo, rebuild_here).run(term);
}

Term TermTable::import(const TermTable& other, Term term) {
  return TermImporter(*this, other).import(term);
}

Term TermImporter::import(Term term) {
  if (term == Term::none) return term;
  if (row(term) < imported_.size() && imported_[row(term)] != Term::none) return imported_[row(term)];
  std::vector<Term> operands;
  operands.reserve(from_->operands(term).size());
  for (const Term operand : from_->operands(term)) operands.push_back(import(operand));
  const Term result = into_->rebuild(*from_, term, operands);
  if (imported_.size() <= row(term)) imported_.resize(from_->size(), Term::none);
  return imported_[row(term)] = result;
}

}  // namespace lockwright::ir
