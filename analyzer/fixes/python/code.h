// One file of Python, ready to be edited, and the questions that all its repairs ask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/findings/finding.h"
#include "analyzer/findings/fix.h"
#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/common/text.h"
#include "analyzer/fixes/common/tree.h"
#include "analyzer/frontends/python/syntax.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/range.h"

namespace lockwright::fixes::python {

using frontends::python::Field;
using frontends::python::Kind;
using frontends::python::Node;
using Path = Way<frontends::python::Grammar>;

/// Borrows the files. REQUIRES: the file is loaded.
class Code {
 public:
  Code(const source::FileTable& files, source::FileId file);
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;

  [[nodiscard]] source::FileId file() const { return file_; }
  /// The others, for what a repair must know of them.
  [[nodiscard]] const source::FileTable& files() const { return files_; }
  [[nodiscard]] const Text& text() const { return text_; }
  [[nodiscard]] const frontends::python::Syntax& syntax() const { return syntax_; }
  [[nodiscard]] Node root() const { return syntax_.root(); }

  /// The nodes around a stretch of text, outermost first.
  [[nodiscard]] Path way(std::uint32_t begin, std::uint32_t end) const { return way_to(root(), begin, end); }
  [[nodiscard]] Path way(Node node) const;
  /// The call at exactly this place (an `await` before it does not count); none if there is none.
  [[nodiscard]] Node call_at(const source::Range& range) const;
  /// The function (or the module) that the place is in.
  [[nodiscard]] Node function_at(const source::Range& range) const;
  /// The innermost block that covers both places.
  [[nodiscard]] Node common_block(const source::Range& left, const source::Range& right) const;
  /// Where a variable is named below `scope`, in the order of the text; no attributes, no keywords.
  [[nodiscard]] std::vector<Node> names(Node scope, std::string_view variable) const;
  /// Strings of several lines below `node`: their lines must not be indented.
  [[nodiscard]] std::vector<Span> fixed_lines(Node node) const;
  /// Statement and all that is on its lines can be moved or followed by lines.
  [[nodiscard]] bool owns_lines(Node statement) const {
    return text_.owns_lines(statement.begin(), statement.end());
  }
  /// A name like `wanted` that the file does not use.
  [[nodiscard]] std::string fresh_name(std::string_view wanted) const;

  /// Adds `import module` unless the module has it. Where its neighbours stand.
  void import_module(Edits& edits, std::string_view module) const;
  /// Takes a name out of its `from … import`, if nothing but `use`, which goes, needs it.
  void forget_import(Edits& edits, Node use) const;
  /// Sees to it that these names of lockwright_runtime are there: after the standard library's imports.
  /// `idle`: imports that go; `modules`: of the standard library, that come.
  void import_library(Edits& edits, std::vector<std::string> names, const std::vector<Node>& idle = {},
                      const std::vector<std::string>& modules = {}) const;

 private:
  const source::FileTable& files_;
  source::FileId file_;
  Text text_;
  frontends::python::Syntax syntax_;
};

bool is_block(Node node);
/// "fcntl.flock" in `fcntl.flock(f)`.
std::string_view callee(Node call);
/// "flock".
std::string_view last_name(std::string_view callee);
/// Positional arguments, in order.
std::vector<Node> arguments(Node call);
/// The value of a keyword argument.
Node keyword(Node call, std::string_view name);
/// return, raise, break, continue.
bool leaves(Node statement);
/// Where all places of a repair stand in this file: their texts there.
bool all_in(const findings::Repair& repair, source::FileId file);

/// Each proposes for one kind of repair; nothing where it does not know how.
using Proposals = std::vector<findings::Fix>;
Proposals truncate_under_lock(const Code& code, const findings::Finding& finding);
Proposals release_in_finally(const Code& code, const findings::Finding& finding);
Proposals release_on_failure(const Code& code, const findings::Finding& finding);
Proposals replace_by_rename(const Code& code, const findings::Finding& finding);
Proposals leave_out_acquire(const Code& code, const findings::Finding& finding);
Proposals erase_after_clean_up(const Code& code, const findings::Finding& finding);

}  // namespace lockwright::fixes::python
