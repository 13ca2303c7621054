// A name occurs many times in a file, so each occurrence is looked up in a hash table small enough to stay in
// the nearest caches, and only the first is recorded. The table is never cleared: a slot belongs to the text
// whose number it carries.
#include "analyzer/source/vocabulary.h"

#include <algorithm>

#include "analyzer/source/identifiers.h"

namespace lockwright::source {
namespace {

constexpr std::size_t kFirstSlots = 8192;

/// The slot that holds the hash, or the one to put it into.
template <typename Slot>
Slot& find_slot(std::vector<Slot>& slots, std::uint32_t text, std::uint32_t hash) {
  const std::size_t mask = slots.size() - 1;
  std::size_t at = hash & mask;
  // A name of this text that is not the one: rare. "&&" would branch on whether the slot is of this text,
  // too, which is as good as random.
  const auto other = [&](const Slot& slot) {
    return (static_cast<unsigned>(slot.text == text) & static_cast<unsigned>(slot.hash != hash)) != 0;
  };
  while (other(slots[at])) at = (at + 1) & mask;
  return slots[at];
}

}  // namespace

VocabularyBuilder::VocabularyBuilder() : slots_(kFirstSlots), hashes_(kFirstSlots / 2 + 1) {}

Vocabulary VocabularyBuilder::build(std::string_view text) {
  start_text();
  for_each_identifier(text, [&](std::size_t begin, std::size_t size) {
    const std::uint32_t hash = identifier_hash(text.substr(begin, size), text.size() - begin);
    Slot& slot = find_slot(slots_, text_, hash);
    // Whether a name is new is as good as random, so both are done without a branch on it.
    hashes_[count_] = hash;
    count_ += slot.text != text_ ? 1 : 0;
    slot = {text_, hash};
    if (count_ == hashes_.size()) grow();
    return true;
  });
  const auto end = hashes_.begin() + static_cast<std::ptrdiff_t>(count_);
  return Vocabulary({hashes_.begin(), end});
}

void VocabularyBuilder::grow() {
  slots_.assign(slots_.size() * 2, Slot{});
  hashes_.resize(slots_.size() / 2 + 1);
  for (std::size_t index = 0; index < count_; ++index) {
    find_slot(slots_, text_, hashes_[index]) = {text_, hashes_[index]};
  }
}

void VocabularyBuilder::start_text() {
  count_ = 0;
  if (++text_ == 0) {
    std::fill(slots_.begin(), slots_.end(), Slot{});
    text_ = 1;
  }
}

}  // namespace lockwright::source
