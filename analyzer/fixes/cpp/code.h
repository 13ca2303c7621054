// One file of C or C++, ready to be edited, and the questions that all its repairs ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzer/findings/finding.h"
#include "analyzer/findings/fix.h"
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
  Code(const source::FileTable& files, source::FileId id)
      : file(id),
        text(files.get(id)->text(), "//"),
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

/// Each proposes for one kind of repair; nothing where it does not know how.
std::vector<findings::Fix> truncate_under_lock(const Code& code, const findings::Repair& repair);
std::vector<findings::Fix> release_on_all_ways(const Code& code, const findings::Repair& repair);

}  // namespace lockwright::fixes::cpp
