// Terms as text: the printing walks the term from the outside in and stops when the text is long enough,
// since a term that shares subterms can be astronomically longer as text than it is as a table row.
#include "analyzer/ir/term_print.h"

#include <fmt/format.h>

#include <iterator>

namespace lockwright::ir {
namespace {

class Printer {
 public:
  Printer(const TermTable& terms, const TermStyle& style) : terms_(terms), style_(style) {}

  std::string run(Term term) {
    print(term);
    if (text_.size() > style_.max_length) {
      std::size_t end = style_.max_length;
      while (end > 0 && (static_cast<unsigned char>(text_[end]) & 0xc0U) == 0x80U)
        --end;  // inside a character
      text_.resize(end);
      text_ += "…";
    }
    return std::move(text_);
  }

 private:
  void print(Term term) {
    if (text_.size() > style_.max_length) return;
    if (term == Term::none) {
      add("none");
      return;
    }
    const std::string_view text = terms_.text(term);
    const std::span<const Term> operands = terms_.operands(term);
    switch (terms_.kind(term)) {
      case TermKind::unknown: return add("?");
      case TermKind::local: return print_local(static_cast<Local>(terms_.number(term)));
      case TermKind::param: return print_parameter(static_cast<std::uint32_t>(terms_.number(term)));
      case TermKind::self: return add("self");
      case TermKind::activation: return add("activation");
      case TermKind::frame: return add("frame");
      case TermKind::string: return print_quoted([&] { escape(text, false); });
      case TermKind::integer: return add(fmt::to_string(terms_.number(term)));
      case TermKind::boolean: return add(terms_.number(term) != 0 ? "true" : "false");
      case TermKind::null: return add("null");
      case TermKind::global: return add(text);
      case TermKind::field:
        if (style_.exact || !is_variable_home(operands[0])) {
          print(operands[0]);
          add(".");
        }
        return add(text);
      case TermKind::index: print(operands[0]); return print_list("[", operands.subspan(1), "]");
      case TermKind::concat: add("f"); return print_quoted([&] { print_parts(operands); });
      case TermKind::make:
        if (style_.exact) add("new ");
        [[fallthrough]];
      case TermKind::apply: print(operands[0]); return print_list("(", operands.subspan(1), ")");
      case TermKind::keyword:
        add(text);
        add("=");
        return print(operands[0]);
      case TermKind::closure:
        if (style_.exact) add("closure ");
        add(text);
        return style_.exact && !operands.empty() ? print_list("[", operands, "]") : void();
      case TermKind::fresh: return print_fresh(term);
    }
  }

  void add(std::string_view text) { text_ += text; }

  /// Variables that closures share are fields of an activation; people just see the variable.
  [[nodiscard]] bool is_variable_home(Term term) const {
    return terms_.kind(term) == TermKind::activation || terms_.kind(term) == TermKind::frame;
  }

  void print_local(Local local) {
    const std::string_view name = style_.local_name ? style_.local_name(local) : std::string_view{};
    add(name.empty() ? fmt::format("%{}", static_cast<std::uint32_t>(local)) : std::string(name));
  }

  void print_parameter(std::uint32_t position) {
    const std::string_view name =
        style_.parameter_name ? style_.parameter_name(position) : std::string_view{};
    add(name.empty() ? fmt::format("${}", position) : std::string(name));
  }

  void print_fresh(Term term) {
    fmt::format_to(std::back_inserter(text_), "#{}", terms_.number(term));
    if (style_.exact) fmt::format_to(std::back_inserter(text_), "@{}", terms_.context(term));
  }

  void print_list(std::string_view before, std::span<const Term> items, std::string_view after) {
    add(before);
    for (std::size_t i = 0; i < items.size() && text_.size() <= style_.max_length; ++i) {
      if (i > 0) add(", ");
      print(items[i]);
    }
    add(after);
  }

  void print_parts(std::span<const Term> parts) {
    for (const Term part : parts) {
      if (terms_.kind(part) == TermKind::string) {
        escape(terms_.text(part), true);
      } else {
        print_list("{", {&part, 1}, "}");
      }
    }
  }

  template <typename Print>
  void print_quoted(const Print& print) {
    add("\"");
    print();
    add("\"");
  }

  void escape(std::string_view text, bool in_concat) {
    for (const char c : text.substr(0, style_.max_length + 1)) {
      if (c == '\n') {
        add("\\n");
      } else if (c == '\t') {
        add("\\t");
      } else if (c == '"' || c == '\\') {
        text_ += {'\\', c};
      } else if (in_concat && (c == '{' || c == '}')) {
        text_ += {c, c};
      } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        fmt::format_to(std::back_inserter(text_), "\\x{:02x}", static_cast<unsigned char>(c));
      } else {
        text_ += c;
      }
    }
  }

  const TermTable& terms_;
  const TermStyle& style_;
  std::string text_;
};

}  // namespace

std::string to_string(const TermTable& terms, Term term, const TermStyle& style) {
  return Printer(terms, style).run(term);
}

std::string to_string(const TermTable& terms, Term term,
                      const std::function<std::string_view(std::uint32_t)>& parameter_name) {
  TermStyle style;
  style.parameter_name = parameter_name;
  return to_string(terms, term, style);
}

}  // namespace lockwright::ir
