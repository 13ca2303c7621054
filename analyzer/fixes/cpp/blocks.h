// Lines that are put into functions of C and C++, in the style of the file.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/cpp/code.h"

namespace lockwright::fixes::cpp {

/// The file puts the brace of an if on a line of its own.
bool braces_on_own_line(const Code& code);

/// `if (condition) {`, the lines one level deeper, and `}`, as the file writes them; `unit` is its level.
std::vector<std::string> if_block(const Code& code, std::string_view condition,
                                  std::span<const std::string> lines, std::string_view unit);

/// Puts lines before a statement that leaves; if it is the whole body of an if, both get braces. False: what
/// it is part of has another form.
bool add_before(Edits& edits, const Code& code, Node statement, std::span<const std::string> lines);

/// The lines of a statement: those behind the first without the indentation of the first.
std::vector<std::string> lines_of(const Code& code, Node statement);

/// The lines as one text, for the place of `statement`: all but the first with its indentation.
std::string text_of(const Code& code, Node statement, std::span<const std::string> lines);

/// The lines between `int saved_errno = errno;` and the assignment that puts it back, under that name.
std::vector<std::string> keeping_errno(const Code& code, std::string_view name,
                                       std::span<const std::string> lines);

/// The statements of a body, which may be a single one.
std::vector<Node> body_statements(Node body);

}  // namespace lockwright::fixes::cpp
