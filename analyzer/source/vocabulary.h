// Which identifiers occur in a file, remembered without the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace lockwright::source {

/// The hashes of the distinct identifiers of one text: some 9 % of its size. It answers "could this file
/// mention any of these names?" without the text; a yes must be verified on the text, a no is certain.
class Vocabulary {
 public:
  Vocabulary() = default;
  explicit Vocabulary(std::vector<std::uint32_t> hashes) : hashes_(std::move(hashes)) {}

  /// As identifier_hash() gives them; each once, in no order.
  [[nodiscard]] std::span<const std::uint32_t> hashes() const { return hashes_; }

 private:
  std::vector<std::uint32_t> hashes_;
};

/// Makes vocabularies, one after the other, in scratch memory that it reuses. Not thread-safe: each thread
/// has its own.
class VocabularyBuilder {
 public:
  VocabularyBuilder();

  [[nodiscard]] Vocabulary build(std::string_view text);

 private:
  /// A slot of the hash table; empty unless it is of the current text.
  struct Slot {
    std::uint32_t text = 0;
    std::uint32_t hash = 0;
  };

  void start_text();
  void grow();

  std::vector<Slot> slots_;  ///< open addressing; the size is a power of two
  std::uint32_t text_ = 0;   ///< number of the current text: starting the next one empties the table
  std::vector<std::uint32_t> hashes_;  ///< the current text's, with room for one more than the table takes
  std::size_t count_ = 0;              ///< how many of hashes_ are in use
};

}  // namespace lockwright::source
