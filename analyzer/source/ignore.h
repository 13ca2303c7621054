// Which paths a .gitignore file (or a list of exclude globs in its syntax) leaves out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lockwright::source {

/// What a set of patterns says about one path.
enum class Verdict : std::uint8_t {
  none,     ///< no pattern matches: somebody else decides
  ignore,   ///< the last pattern that matches leaves it out
  include,  ///< the last pattern that matches is a negation (`!`): it stays in
};

/// The patterns of one ignore file, compiled. The syntax is git's (gitignore(5)): comments, `!` negations,
/// a trailing `/` for directories only, patterns with another `/` anchored to the file's own directory, `*`,
/// `?`, `[…]`, `**`, backslash escapes; the last pattern that matches decides. Where git departs from
/// that page (`a**/b` there matches across directories), this follows the page. Matching is by bytes and
/// case-sensitive. Immutable after construction: threads may share one.
class IgnoreRules {
 public:
  IgnoreRules() = default;

  /// Compiles the text of an ignore file. A pattern that git calls invalid matches nothing.
  explicit IgnoreRules(std::string_view text) { add(text); }

  /// As if `lines` were the ignore file's lines.
  explicit IgnoreRules(const std::vector<std::string>& lines);

  [[nodiscard]] bool empty() const { return patterns_.empty(); }

  /// The verdict on `path`, which is relative to the directory that the patterns belong to ("src/a.py").
  /// Like git, this says nothing about what lies below an ignored directory: the caller does not go there.
  [[nodiscard]] Verdict match(std::string_view path, bool is_directory) const;

  /// Whether the patterns leave out a file, or one of the directories that it is in: for callers that have a
  /// path and do not walk.
  [[nodiscard]] bool ignores_file(std::string_view path) const;

  /// The verdict on an entry outside of the patterns' directory: only patterns without a `/` can match it.
  [[nodiscard]] Verdict match_name(std::string_view name, bool is_directory) const;

 private:
  enum class Shape : std::uint8_t { suffix, glob, anchored };

  struct Segment {
    std::string text;
    bool literal = false;
    bool any_depth = false;  ///< `**`
  };

  struct Pattern {
    Shape shape = Shape::glob;
    bool negated = false;
    bool directory_only = false;
    std::vector<Segment> segments;  ///< one, unless anchored; for a suffix without its star
  };

  /// The last pattern that is just this name, for any entry and for directories only; -1: none.
  struct LiteralName {
    int any = -1;
    int directory = -1;
  };

  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };

  template <typename Value>
  using NameMap = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

  void add(std::string_view text);
  void add_line(std::string_view line);
  [[nodiscard]] Verdict decide(std::string_view name, std::string_view path, bool is_directory) const;
  [[nodiscard]] int last_match(const std::vector<int>& candidates, int above, std::string_view name,
                               std::string_view path, bool is_directory) const;
  [[nodiscard]] static bool matches_path(const std::vector<Segment>& segments, std::string_view path);
  [[nodiscard]] static bool matches_segment(const Segment& segment, std::string_view name);

  std::vector<Pattern> patterns_;       ///< in the order of the file; the last that matches wins
  NameMap<LiteralName> names_;          ///< patterns that are just a name
  NameMap<std::vector<int>> anchored_;  ///< indices, by the plain first segment of the path
  std::vector<int> globs_;              ///< indices of all others; like those above, in order
};

}  // namespace lockwright::source
