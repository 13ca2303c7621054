// Operators, as all frontends spell them: apply(global("operator.eq"), [left, right]).
#pragma once

#include <initializer_list>
#include <string_view>

#include "analyzer/ir/term.h"

namespace lockwright::ir {

/// Whether `term` is one of these operators ("operator.eq") applied. How many operands it then has goes
/// without saying: one for operator.not and operator.typeof, two for comparisons and arithmetic.
bool is_operator(const TermTable& terms, Term term, std::initializer_list<std::string_view> names);

}  // namespace lockwright::ir
