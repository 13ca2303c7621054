// One file of C or C++, ready to be edited, and the questions that all its repairs ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzer/findings/finding.h"
#include "analyzer/findings/fix.h"
#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/common/text.h"
#include "analyzer/fixes/common/tree.h"
#include "analyzer/frontends/cpp/shown_text.h"
#include "analyzer/frontends/cpp/syntax.h"
#include "analyzer/source/file_table.h"

namespace lockwright::fixes::cpp {

using frontends::cpp::Field;
using frontends::cpp::Kind;
using frontends::cpp::Node;
using Path = Way<frontends::cpp::Grammar>;

/// Borrows the files. REQUIRES: the file is loaded.
struct Code {
  Code(const source::FileTable& all, source::FileId id)
      : files(all),
        file(id),
        text(all.get(id)->text(), "//"),
        shown(frontends::cpp::shown_text(text.all())),
        syntax(frontends::cpp::parse_syntax(text.all(), shown)) {}
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;

  [[nodiscard]] Path way(std::uint32_t begin, std::uint32_t end) const {
    return way_to(syntax.root(), begin, end);
  }
  /// The call at exactly this place; none if there is none.
  [[nodiscard]] Node call_at(const source::Range& range) const {
    Node found;
    for (const Node node : way(range.begin, range.end)) {
      const bool here = node.begin() == range.begin && node.end() == range.end;
      if (here && node.kind() == Kind::call_expression_) found = node;
    }
    return found;
  }

  /// The function, or the lambda, that the place is in; none outside of all.
  [[nodiscard]] Node function_at(const source::Range& range) const;
  /// Where a variable is named below `scope`, in the order of the text; no members.
  [[nodiscard]] std::vector<Node> names(Node scope, std::string_view variable) const;
  /// The calls below `scope`, in the order of the text.
  [[nodiscard]] std::vector<Node> calls(Node scope) const;
  /// The statement of its block that the node is in.
  [[nodiscard]] Node statement_of(Node node) const;
  /// Nothing else is on the statement's lines, but for a comment.
  [[nodiscard]] bool owns_lines(Node statement) const;
  /// A name like `wanted` that the file does not use.
  [[nodiscard]] std::string fresh_name(std::string_view wanted) const;
  /// A name like `wanted` that the function does not use.
  [[nodiscard]] std::string fresh_name(Node function, std::string_view wanted) const;
  /// C++, as far as the file's name and its words tell: a header may be C.
  [[nodiscard]] bool is_cpp() const;

  /// Adds `#include <name>` for a standard header, among its like, unless it is there.
  void include_standard(Edits& edits, const std::vector<std::string>& headers) const;
  /// The same for headers of C and of the system, "sys/stat.h".
  void include_system(Edits& edits, std::vector<std::string> headers) const;
  /// Adds the library's header where the file has those of other libraries, unless it is there; and removes
  /// the system's that nothing needs but what stands in `gone`.
  void include_library(Edits& edits, const std::vector<std::string>& standard,
                       const std::vector<Node>& gone) const;

  const source::FileTable& files;
  source::FileId file;
  Text text;
  std::string shown;
  frontends::cpp::Syntax syntax;
};

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// "flock" in `::flock(fd, LOCK_EX)`, "guard.lock" in `guard.lock()`.
inline std::string_view callee(Node call) {
  const Node function = call.child(Field::function_);
  const std::string_view name = function ? function.text() : std::string_view();
  return name.starts_with("::") ? name.substr(2) : name;
}

inline std::vector<Node> children(Node node) {
  std::vector<Node> result;
  if (!node) return result;
  for (const Node child : node.children()) result.push_back(child);
  return result;
}

inline std::vector<Node> arguments(Node call) {
  return children(call.child(Field::arguments_));
}

std::string_view last_name(std::string_view callee);
/// "path" for `path.c_str()`, what a file's name is made of.
std::string_view without_c_str(std::string_view path);
inline std::string_view without_c_str(Node path) {
  return without_c_str(path.text());
}
/// The statements of `{ … }`.
inline std::vector<Node> statements(Node block) {
  return children(block);
}
/// The call that a statement consists of, be it cast to void; none if it is another statement.
Node call_of(Node statement);
/// What a function definition defines: "load", "Store::load"; "": it has no name.
std::string_view function_name(Node function);
/// The variables that a declaration makes; none if it is something else.
std::vector<std::string_view> declared_names(Node declaration);
/// return, throw, goto, break, continue, exit().
bool leaves(Node statement);
/// The last statement of a body, which may be a single one, leaves.
bool ends_by_leaving(Node body);

/// Each proposes for one kind of repair; nothing where it does not know how.
std::vector<findings::Fix> truncate_under_lock(const Code& code, const findings::Repair& repair);
std::vector<findings::Fix> release_on_all_ways(const Code& code, const findings::Repair& repair);
std::vector<findings::Fix> erase_after_clean_up(const Code& code, const findings::Repair& repair);
std::vector<findings::Fix> replace_by_rename(const Code& code, const findings::Repair& repair);
std::vector<findings::Fix> rename_what_helper_makes(const Code& code, const findings::Repair& repair);
std::vector<findings::Fix> leave_out_acquire(const Code& code, const findings::Repair& repair);
/// By way of the lock library.
std::vector<findings::Fix> move_to_library(const Code& code, const findings::Repair& repair);

}  // namespace lockwright::fixes::cpp
