// Terms in messages: as short as a person would say them. What a name is made of three levels down is left
// out; the last component of a qualified name is enough.
#include <fmt/format.h>

#include "rules/rule.h"

namespace lockwright::rules {
namespace {

using ir::Term;
using ir::TermKind;

constexpr int max_depth = 3;

class Namer {
 public:
  Namer(const ir::TermTable& terms, const ir::Function& function) : terms_(terms), function_(function) {}

  std::string name(Term term, int depth) const {
    if (term == Term::none) return "the lock";
    const auto operands = terms_.operands(term);
    const std::string text(terms_.text(term));
    if (depth > max_depth && !operands.empty()) return "…";
    switch (terms_.kind(term)) {
      case TermKind::unknown:
      case TermKind::local: return "…";
      case TermKind::fresh: return depth == 0 ? "the opened file" : "…";
      case TermKind::activation:
      case TermKind::frame: return {};
      case TermKind::self: return "self";
      case TermKind::param: {
        const auto position = static_cast<std::size_t>(terms_.number(term));
        return position < function_.parameters.size() ? std::string(function_.parameters[position].name)
                                                      : "…";
      }
      case TermKind::string: return depth == 0 ? text : fmt::format("\"{}\"", text);
      case TermKind::integer: return std::to_string(terms_.number(term));
      case TermKind::boolean: return terms_.number(term) != 0 ? "true" : "false";
      case TermKind::null: return "null";
      case TermKind::global:
        return text.find('<') == std::string::npos ? text.substr(text.rfind('.') + 1) : "…";
      case TermKind::closure: return text.substr(text.rfind('.') + 1);
      case TermKind::keyword: return fmt::format("{}={}", text, name(operands[0], depth));
      case TermKind::field: {
        if (text.starts_with("<")) return name(operands[0], depth);
        const std::string base = name(operands[0], depth + 1);
        return base.empty() ? text : fmt::format("{}.{}", base, text);
      }
      case TermKind::index:
        if (terms_.kind(operands[0]) == TermKind::make &&
            terms_.text(terms_.operands(operands[0])[0]) == models::matching_files) {
          return name(terms_.operands(operands[0])[1], depth);
        }
        return fmt::format("{}[{}]", name(operands[0], depth + 1), name(operands[1], depth + 1));
      case TermKind::concat: return joined(operands, depth);
      case TermKind::make:
      case TermKind::apply: {
        const std::string callee = name(operands[0], depth);
        if (callee == "…") return callee;
        std::string arguments;
        for (const Term operand : operands.subspan(1)) {
          if (!arguments.empty()) arguments += ", ";
          arguments += name(operand, depth + 1);
        }
        return fmt::format("{}({})", callee, arguments);
      }
    }
    return "…";
  }

 private:
  /// A path: the text as it is, the rest in braces; of long ones the last components.
  std::string joined(std::span<const Term> parts, int depth) const {
    std::string result;
    for (const Term part : parts) {
      if (terms_.kind(part) == TermKind::string) {
        result += terms_.text(part);
      } else {
        result += fmt::format("{{{}}}", name(part, depth + 1));
      }
    }
    constexpr std::size_t long_enough = 48;
    if (result.size() > long_enough) {
      const std::size_t slash = result.rfind('/');
      if (slash != std::string::npos && slash + 1 < result.size() && slash > 0)
        result = "…" + result.substr(slash);
    }
    return result;
  }

  const ir::TermTable& terms_;
  const ir::Function& function_;
};

}  // namespace

std::string Analysis::name(const ir::Function& function, Term term) const {
  return Namer(terms(), function).name(term, 0);
}

}  // namespace lockwright::rules
