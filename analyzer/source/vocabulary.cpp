// A name occurs many times in a file, so each occurrence is looked up in a small hash table that stays in the
// first-level cache, and only the first is recorded. The table is never cleared: a slot belongs to the text
// whose number it carries.
#include "analyzer/source/vocabulary.h"

#include <algorithm>

#include "analyzer/source/identifiers.h"

namespace lockwright::source {
namespace {

constexpr std::size_t kFirstSlots = 2048;

}  // namespace

VocabularyBuilder::VocabularyBuilder() : slots_(kFirstSlots) {}

Vocabulary VocabularyBuilder::build(std::string_view text) {
  start_text();
  for_each_identifier(text, [&](std::size_t begin, std::size_t size) {
    const std::uint32_t hash = identifier_hash(text.substr(begin, size), text.size() - begin);
    if (insert(hash)) {
      hashes_.push_back(hash);
      if (hashes_.size() * 2 > slots_.size()) grow();
    }
    return true;
  });
  return Vocabulary({hashes_.begin(), hashes_.end()});
}

bool VocabularyBuilder::insert(std::uint32_t hash) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.text != text_) {
      slot = {text_, hash};
      return true;
    }
    if (slot.hash == hash) return false;
  }
}

void VocabularyBuilder::grow() {
  slots_.assign(slots_.size() * 2, Slot{});
  for (const std::uint32_t hash : hashes_) insert(hash);
}

void VocabularyBuilder::start_text() {
  hashes_.clear();
  if (++text_ == 0) {
    std::fill(slots_.begin(), slots_.end(), Slot{});
    text_ = 1;
  }
}

}  // namespace lockwright::source
