// One file of TypeScript or JavaScript, ready to be edited, and the questions that all its repairs ask.
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
#include "analyzer/frontends/typescript/syntax.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/range.h"

namespace lockwright::fixes::typescript {

using frontends::typescript::Field;
using frontends::typescript::Kind;
using frontends::typescript::Node;
using Path = Way<frontends::typescript::Grammar>;

/// Borrows the files. REQUIRES: the file is loaded.
class Code {
 public:
  Code(const source::FileTable& files, source::FileId file);
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;

  [[nodiscard]] const source::FileTable& files() const { return files_; }
  [[nodiscard]] source::FileId file() const { return file_; }
  [[nodiscard]] const Text& text() const { return text_; }
  [[nodiscard]] const frontends::typescript::Syntax& syntax() const { return syntax_; }
  [[nodiscard]] Node root() const { return syntax_.root(); }

  /// The nodes around a stretch of text, outermost first.
  [[nodiscard]] Path way(std::uint32_t begin, std::uint32_t end) const { return way_to(root(), begin, end); }
  [[nodiscard]] Path way(Node node) const;
  /// The call at exactly this place (an `await` before it does not count); none if there is none.
  [[nodiscard]] Node call_at(const source::Range& range) const;
  /// The function (or the program) that the place is in.
  [[nodiscard]] Node function_at(const source::Range& range) const;
  /// The innermost block that covers both places.
  [[nodiscard]] Node common_block(const source::Range& left, const source::Range& right) const;
  /// Where a variable is named below `scope`, in the order of the text.
  [[nodiscard]] std::vector<Node> names(Node scope, std::string_view variable) const;
  /// Strings of several lines below `node`: their lines must not be indented.
  [[nodiscard]] std::vector<Span> fixed_lines(Node node) const;
  [[nodiscard]] bool owns_lines(Node statement) const {
    return text_.owns_lines(statement.begin(), statement.end());
  }
  [[nodiscard]] std::string fresh_name(std::string_view wanted) const;
  /// ";" if the file ends its statements so.
  [[nodiscard]] std::string_view semicolon() const;
  /// The quotes of the file's imports.
  [[nodiscard]] char quote() const;

  /// Adds `name` to the import that imports `neighbour` by name; false if there is none.
  bool import_beside(Edits& edits, std::string_view neighbour, std::string_view name) const;
  /// Adds `import { name } from "module"`, unless it is there; false if the file does not use imports.
  bool import_from(Edits& edits, std::string_view module, std::string_view name) const;
  /// Takes a name out of its `import { … }`, if nothing but `use`, which goes, needs it.
  void forget_import(Edits& edits, Node use) const;
  /// Sees to it that these names of @lockwright/runtime are there, by import or by require, as the file does;
  /// false if it does neither.
  bool import_library(Edits& edits, std::vector<std::string> names) const;
  [[nodiscard]] bool imports_library(std::string_view name) const;
  [[nodiscard]] bool imports_package(std::string_view package) const;

 private:
  const source::FileTable& files_;
  source::FileId file_;
  Text text_;
  frontends::typescript::Syntax syntax_;
};

bool is_block(Node node);
std::vector<Node> statements(Node block);
/// "fs.openSync" in `fs.openSync(p)`.
std::string_view callee(Node call);
/// "openSync".
std::string_view last_name(std::string_view callee);
std::vector<Node> arguments(Node call);
/// return, throw, break, continue.
bool leaves(Node statement);
/// Whether a variable that one of these statements declares for its block is named below `user`.
bool declares_for(const Code& code, const std::vector<Node>& all, std::size_t first, std::size_t last,
                  Node user);
bool all_in(const findings::Repair& repair, source::FileId file);
/// The first line after `end` that is not blank.
std::size_t next_content(const Text& text, std::size_t end, std::size_t limit);

/// Each proposes for one kind of repair; nothing where it does not know how.
using Proposals = std::vector<findings::Fix>;
Proposals truncate_under_lock(const Code& code, const findings::Finding& finding);
Proposals release_in_finally(const Code& code, const findings::Finding& finding);
Proposals erase_after_clean_up(const Code& code, const findings::Finding& finding);
Proposals leave_out_acquire(const Code& code, const findings::Finding& finding);
Proposals release_on_failure(const Code& code, const findings::Finding& finding);
Proposals replace_by_rename(const Code& code, const findings::Finding& finding);

}  // namespace lockwright::fixes::typescript
