// What paths have made sure of: conditions read as judgements about a lock file.
#pragma once

#include <initializer_list>
#include <string_view>

#include "analyzer/paths/path.h"
#include "rules/protocol.h"

namespace lockwright::rules {

/// Whether `name` has one of these words in it, in any case.
bool any_word(std::string_view name, std::initializer_list<std::string_view> words);

/// Who we are: a parameter, a field of the receiver, an answer of the system, a number drawn; nothing read
/// from a file.
bool is_identity(const ir::TermTable& terms, const paths::Path& path, ir::Term term);

/// The identity that an equality compares with something read or unknown; none: it compares no such things.
ir::Term compared_identity(const ir::TermTable& terms, const paths::Path& path, ir::Term equality);

/// Whether two steps of a path are about one file.
bool same_file(const ir::TermTable& terms, ir::Term left, ir::Term right);

/// Fills in what the path has found out about the file before it removes it. REQUIRES: function, path and
/// step are set.
void judge(const ir::TermTable& terms, const models::Models& models, Removal& removal);

}  // namespace lockwright::rules
