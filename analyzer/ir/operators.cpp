// See operators.h.
#include "analyzer/ir/operators.h"

#include <algorithm>

namespace lockwright::ir {

bool is_operator(const TermTable& terms, Term term, std::initializer_list<std::string_view> names) {
  if (terms.kind(term) != TermKind::apply) return false;
  const std::span<const Term> operands = terms.operands(term);
  return operands.size() > 1 && terms.kind(operands[0]) == TermKind::global &&
         std::find(names.begin(), names.end(), terms.text(operands[0])) != names.end();
}

}  // namespace lockwright::ir
