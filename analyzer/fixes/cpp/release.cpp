// LW301: release on every way out.
//
// A mutex that is taken by hand gets a std::unique_lock for its owner, which is told of the same unlocks. A
// descriptor has no owner in C: what is released at the end is released before every return in between, too;
// and in C++, where an exception leaves, in a handler that throws on.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/common/on_failure.h"
#include "analyzer/fixes/cpp/blocks.h"
#include "analyzer/fixes/cpp/code.h"

namespace lockwright::fixes::cpp {
namespace {

constexpr std::string_view owner_title = "Let a std::unique_lock own the mutex";
constexpr std::string_view return_title = "Release the lock before every return";
constexpr std::string_view catch_title = "Release the lock when an exception leaves";

using OptionalEdits = std::optional<std::vector<findings::Edit>>;

/// From the acquire of a lock to its release, both of them statements of one block.
class Stretch {
 public:
  explicit Stretch(const Code& code) : code_(code), text_(code.text) {}

  bool read(const source::Range& acquire, const source::Range& release) {
    const Path way = code_.way(std::min(acquire.begin, release.begin), std::max(acquire.end, release.end));
    for (const Node node : way) {
      if (node.kind() == Kind::compound_statement_) block_ = node;
      if (node.kind() == Kind::lambda_expression_ || node.kind() == Kind::function_definition_) block_ = {};
    }
    if (!block_) return false;
    all_ = children(block_);
    acquire_ = code_.call_at(acquire);
    release_ = code_.call_at(release);
    taken_ = index_of(acquire);
    given_ = index_of(release);
    return acquire_ && release_ && taken_ < given_ && given_ < all_.size() &&
           std::ranges::all_of(all_, [&](Node each) { return owns_lines(each); });
  }

  /// `guard.lock(); … guard.unlock();`
  [[nodiscard]] OptionalEdits owner() const {
    const std::string_view name = callee(acquire_);
    if (!name.ends_with(".lock") || !arguments(acquire_).empty()) return std::nullopt;
    const std::string_view mutex = name.substr(0, name.size() - 5);
    const Node statement = all_[taken_];
    if (statement.kind() != Kind::expression_statement_ || statement.first_child() != acquire_)
      return std::nullopt;
    Edits edits(code_.file, text_);
    const std::string hold = fresh_name("hold");
    edits.replace(
        statement.begin(), statement.end(),
        fmt::format("std::unique_lock{} {}({});", knows_mutex() ? "<std::mutex>" : "", hold, mutex));
    bool fine = true;
    each_node(code_.syntax, block_, [&](Node node) {
      if (node.kind() != Kind::call_expression_ || node.begin() <= acquire_.begin()) return;
      const std::string_view other = callee(node);
      if (other == fmt::format("{}.unlock", mutex))
        edits.replace(node.begin(), node.begin() + static_cast<std::uint32_t>(mutex.size()), hold);
      // Taken again in between, it has another story.
      fine &= other != name && other != fmt::format("{}.try_lock", mutex);
    });
    return fine ? edits.take() : std::nullopt;
  }

  /// Every mutex of the file is a std::mutex. Else its type is left to be deduced, which needs C++17.
  [[nodiscard]] bool knows_mutex() const {
    const std::string_view all = text_.all();
    return has(all, "<mutex>") && has(all, "std::mutex") && !has(all, "recursive_mutex") &&
           !has(all, "timed_mutex") && !has(all, "shared_mutex");
  }

  /// `return -1;` between the two, or a goto past the release, gets what the end does before its own return.
  [[nodiscard]] OptionalEdits before_returns() const {
    Edits edits(code_.file, text_);
    bool fine = true;
    const std::vector<std::string> releases = release_lines();
    // `return -errno;`
    const std::vector<std::string> keeping = keeping_errno(code_, fresh_name("saved_errno"), releases);
    for (std::size_t i = taken_ + 1; i < given_; ++i) {
      each_node(code_.syntax, all_[i], [&](Node node) {
        if (node.kind() == Kind::lambda_expression_) fine = false;
        if (node.kind() != Kind::return_statement_ && !jumps_past(node)) return;
        if (releases_before(node)) return;
        const bool tells = has(node.text(), "errno");
        fine &= !node.has_effect() && add_before(edits, code_, node, tells ? keeping : releases);
      });
    }
    return fine ? edits.take() : std::nullopt;
  }

  [[nodiscard]] OptionalEdits in_handler() const {
    if (taken_ + 1 == given_) return std::nullopt;
    for (std::size_t i = taken_ + 1; i < given_; ++i) {
      if (all_[i].kind() == Kind::declaration_) return std::nullopt;  // may be needed further down
    }
    std::size_t begin = text_.next_line(all_[taken_].end());
    while (begin < all_[taken_ + 1].begin() && text_.indent(begin).size() == text_.line_end(begin) - begin)
      begin = text_.next_line(begin);
    std::vector<std::string> lines = release_lines();
    lines.emplace_back("throw;");
    Edits edits(code_.file, text_);
    const TryWords words{.begin = "try {", .finally = "", .handler = "} catch (...) {", .end = "}"};
    give_up_on_failure(edits, text_, {.begin = begin, .end = all_[given_ - 1].end(), .close = {}}, {}, words,
                       lines);
    return edits.take();
  }

  [[nodiscard]] bool of_descriptor() const {
    return callee(acquire_) == "flock" || callee(acquire_) == "lockf";
  }

 private:
  [[nodiscard]] std::size_t index_of(const source::Range& range) const {
    std::size_t index = 0;
    while (index < all_.size() && !covers(all_[index], range.begin, range.end)) ++index;
    return index;
  }
  [[nodiscard]] bool owns_lines(Node node) const { return text_.owns_lines(node.begin(), node.end()); }

  [[nodiscard]] std::string fresh_name(std::string_view wanted) const {
    std::string name(wanted);
    for (int number = 2; has(text_.all(), name); ++number) name = fmt::format("{}{}", wanted, number);
    return name;
  }

  [[nodiscard]] std::string_view subject() const {
    const std::vector<Node> given = arguments(acquire_);
    return given.empty() ? std::string_view() : given[0].text();
  }

  /// The release, and the close that follows it.
  [[nodiscard]] std::vector<std::string> release_lines() const {
    Node release = all_[given_];
    // `out: close(fd);`
    if (release.kind() == Kind::labeled_statement_) {
      for (const Node each : children(release)) release = each;
    }
    std::vector<std::string> result = {std::string(release.text())};
    if (given_ + 1 < all_.size() && all_[given_ + 1].text() == fmt::format("close({});", subject()))
      result.emplace_back(all_[given_ + 1].text());
    return result;
  }

  /// `goto fail;`, where nothing is given up from there on.
  [[nodiscard]] bool jumps_past(Node node) const {
    const Node wanted = node.kind() == Kind::goto_statement_ ? node.child(Field::label_) : Node{};
    const Node function = code_.function_at({code_.file, acquire_.begin(), acquire_.end()});
    bool past = false;
    if (!wanted) return false;
    each_node(code_.syntax, function, [&](Node each) {
      if (each.kind() != Kind::labeled_statement_ || each.child(Field::label_).text() != wanted.text())
        return;
      const std::string_view rest = text_.part(each.begin(), function.end());
      past = each.begin() > release_.end() && !has(rest, release_.text()) &&
             !has(rest, fmt::format("close({})", subject()));
    });
    return past;
  }

  /// The statement before it gives the lock up already.
  [[nodiscard]] bool releases_before(Node node) const {
    const std::string_view before = text_.part(all_[taken_].end(), node.begin());
    const std::size_t from = std::max(before.rfind('{'), before.rfind('}'));
    const std::string_view last = from == std::string_view::npos ? before : before.substr(from);
    return has(last, release_.text()) || has(last, fmt::format("close({})", subject()));
  }

  const Code& code_;
  const Text& text_;
  Node block_;
  std::vector<Node> all_;
  Node acquire_;
  Node release_;
  std::size_t taken_ = 0;
  std::size_t given_ = 0;
};

}  // namespace

std::vector<findings::Fix> release_on_all_ways(const Code& code, const findings::Repair& repair) {
  std::vector<findings::Fix> result;
  using findings::Applicability;
  const auto add = [&](std::string_view title, OptionalEdits edits,
                       Applicability applicability = Applicability::safe) {
    if (edits) {
      result.push_back(
          {.title = std::string(title), .applicability = applicability, .edits = std::move(*edits)});
    }
  };
  for (std::size_t i = 1; i < repair.places.size() && result.empty(); ++i) {
    Stretch stretch(code);
    if (!stretch.read(repair.places[0].range, repair.places[i].range)) continue;
    add(owner_title, stretch.owner(), stretch.knows_mutex() ? Applicability::safe : Applicability::unsafe);
    if (!result.empty() || !stretch.of_descriptor()) continue;
    add(return_title, stretch.before_returns());
    add(catch_title, stretch.in_handler());
  }
  return result;
}

}  // namespace lockwright::fixes::cpp
