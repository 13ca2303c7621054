// Which files can matter: those that contain one of a set of literals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/vocabulary.h"

namespace lockwright::source {

/// A text to look for: an identifier ("flock"), a dotted name ("fcntl.flock"), or any other text that a file
/// must contain ("zc.lockfile"). A text in quotes ("\"wx\"") is looked for as a value: not where it is a key,
/// as in `{"wx": 1}` and `sizes["wx"]`.
struct Literal {
  std::string text;
  /// Also find it inside of longer identifiers ("Lock" in "FileLock"). Costs a search of its own over every
  /// text, so it is for the few that need it.
  bool inside_identifiers = false;
};

/// What a text must have to match: of each of these groups of literals (by their indices) at least one. With
/// `{{symbol}, {module, package}}` one finds who may import a symbol.
using Clue = std::vector<std::vector<std::size_t>>;

/// A compiled set of literals. Immutable: threads may share one, and need no scratch memory.
///
/// A literal's longest identifier is its anchor. A text is cut into identifiers, 64 bytes at a time, and each
/// is looked up in a hash table of anchors; only on a hit is the literal itself compared. So the cost does
/// not depend on the number of literals, and whole words come for free.
///
/// Why not a multi-literal matcher: measured on 2 093 Python files (17 MB), Vectorscan scans for 28 literals
/// in a third of the time, for 100 in the same, for 5 000 in twice the time, and compiling those 5 000 takes
/// it four times as long as a scan here, where compiling costs nothing to speak of. What decides is that the
/// cut into identifiers can be kept: with a Vocabulary a file, a later pass with other literals costs less
/// than a tenth of a scan, and of reading the files again nothing. A loop of searches takes 3 times as long
/// as a scan here for 28 literals, and 20 times for 100; a set of strings instead of hashes, 3 times.
class Prefilter {
 public:
  /// Empty literals are ignored. Without clues any literal is enough for a match.
  explicit Prefilter(std::vector<Literal> literals, std::vector<Clue> clues = {});

  [[nodiscard]] const std::vector<Literal>& literals() const { return literals_; }

  /// Whether any literal occurs in the text, which stops at the first; or all that one of the clues asks for.
  [[nodiscard]] bool matches(std::string_view text) const;
  /// The same for whoever has the text's vocabulary. Most texts have few anchors, and those are searched for
  /// one by one: a quarter of the work.
  [[nodiscard]] bool matches(std::string_view text, const Vocabulary& vocabulary) const;

  /// The indices of the literals that occur in the text, in ascending order.
  [[nodiscard]] std::vector<std::size_t> which(std::string_view text) const;

  /// False if the text that the vocabulary is of certainly does not match; true if matches() must tell.
  [[nodiscard]] bool may_match(const Vocabulary& vocabulary) const;

 private:
  /// A literal in the table. Those with the same anchor stand next to each other in probing order.
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t literal = kEmpty;
    std::uint32_t anchor_offset = 0;  ///< of the anchor within the literal
  };

  static constexpr std::uint32_t kEmpty = static_cast<std::uint32_t>(-1);

  void insert(const Slot& slot);
  [[nodiscard]] bool occurs_at(const Literal& literal, std::string_view text, std::size_t begin) const;
  template <typename Found>
  void scan(std::string_view text, const Found& found) const;

  [[nodiscard]] bool occurs(const Literal& literal, std::string_view text) const;
  /// By literal: whether it may occur in the text that the vocabulary is of.
  [[nodiscard]] std::vector<char> possible(const Vocabulary& vocabulary) const;
  template <typename Has>
  [[nodiscard]] bool has_clue(const Has& has) const;

  std::vector<Literal> literals_;
  std::vector<Clue> clues_;
  std::vector<Slot> slots_;                ///< open addressing; the size is a power of two
  std::vector<std::uint32_t> unanchored_;  ///< literals that must be searched for one by one
};

}  // namespace lockwright::source
