// Annotations are read as text, by a parser of the few forms that name one class; it does not matter then
// whether they are quoted, and a quoted one may quote again. What is between the brackets of other generic
// types is skipped: a list of paths is a list.
#include "analyzer/frontends/python/annotations.h"

#include <algorithm>
#include <array>
#include <string>

namespace lockwright::frontends::python {
namespace {

constexpr int max_depth = 20;

/// Those that stand for their first argument.
constexpr auto transparent = std::to_array<std::string_view>(
    {"Annotated", "ClassVar", "Final", "NotRequired", "Optional", "ReadOnly", "Required", "Unpack"});

class AnnotationParser {
 public:
  AnnotationParser(Unit& unit, Names& names, ScopeId scope, std::string_view text, int depth)
      : unit_(unit), names_(names), scope_(scope), text_(text), depth_(depth) {}

  ir::Term parse() {
    const ir::Term result = alternatives();
    skip_blanks();
    return at_ == text_.size() ? result : ir::Term::none;
  }

 private:
  /// X | None: X. X | Y: no single class.
  ir::Term alternatives() {
    if (depth_ > max_depth) return ir::Term::none;
    ir::Term result = one();
    while (accept('|')) result = either(result, one());
    return result;
  }

  ir::Term either(ir::Term left, ir::Term right) {
    const ir::Term null = unit_.module.terms.null();
    if (left == null) return right;
    return right == null || right == left ? left : ir::Term::none;
  }

  ir::Term one() {
    skip_blanks();
    if (at_ == text_.size()) return ir::Term::none;
    const char next = text_[at_];
    if (next == '"' || next == '\'') return quoted(next);
    if (next == '(') {
      ++at_;
      ++depth_;
      const ir::Term result = alternatives();
      --depth_;
      return accept(')') ? result : fail();
    }
    if (!is_name(next)) return fail();
    return named();
  }

  ir::Term quoted(char quote) {
    std::string_view marks = text_.substr(at_, 1);
    if (text_.substr(at_, 3) == std::string(3, quote)) marks = text_.substr(at_, 3);
    const std::size_t begin = at_ + marks.size();
    const std::size_t end = text_.find(marks, begin);
    if (end == std::string_view::npos) return fail();
    at_ = end + marks.size();
    return AnnotationParser(unit_, names_, scope_, text_.substr(begin, end - begin), depth_ + 1).parse();
  }

  ir::Term named() {
    const std::string_view head = name();
    if (head == "None") return unit_.module.terms.null();
    Meaning meaning = names_.read(scope_, head);
    while (accept('.')) {
      skip_blanks();
      meaning = names_.member(meaning, name());
    }
    if (!accept('[')) return class_of(meaning);
    const ir::Term result = arguments(meaning);
    return accept(']') ? result : fail();
  }

  /// `at_` stands behind the bracket.
  ir::Term arguments(const Meaning& generic) {
    const std::string_view text = unit_.module.terms.text(generic.term);
    const std::size_t dot = text.rfind('.');
    const std::string_view last = dot == std::string_view::npos ? text : text.substr(dot + 1);
    const bool is_union = last == "Union";
    ++depth_;
    ir::Term result = class_of(generic);
    if (is_union || std::find(transparent.begin(), transparent.end(), last) != transparent.end()) {
      result = alternatives();
      while (is_union && accept(',')) {
        skip_blanks();
        if (at_ < text_.size() && text_[at_] == ']') break;
        result = either(result, alternatives());
      }
    }
    --depth_;
    skip_to_closing();
    return result == unit_.module.terms.null() ? ir::Term::none : result;
  }

  ir::Term class_of(const Meaning& meaning) {
    return unit_.module.terms.kind(meaning.term) == ir::TermKind::global ? meaning.term : ir::Term::none;
  }

  /// Past all that is left between the brackets, to the one that closes them.
  void skip_to_closing() {
    int open = 0;
    for (; at_ < text_.size(); ++at_) {
      const char next = text_[at_];
      if (next == '[' || next == '(' || next == '{') ++open;
      if (next == ')' || next == '}') --open;
      if (next == ']' && open-- == 0) return;
      if (next == '"' || next == '\'') {
        const std::size_t end = text_.find(next, at_ + 1);
        if (end == std::string_view::npos) return;
        at_ = end;
      }
    }
  }

  std::string_view name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  static bool is_name(char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
           each == '_' || static_cast<unsigned char>(each) >= 0x80;
  }

  void skip_blanks() {
    while (at_ < text_.size()) {
      const char next = text_[at_];
      if (next == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (next == ' ' || next == '\t' || next == '\r' || next == '\n' || next == '\\') {
        ++at_;
      } else {
        return;
      }
    }
  }

  bool accept(char token) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != token) return false;
    ++at_;
    return true;
  }

  ir::Term fail() {
    at_ = text_.size();
    return ir::Term::none;
  }

  Unit& unit_;
  Names& names_;
  ScopeId scope_;
  std::string_view text_;
  int depth_;
  std::size_t at_ = 0;
};

}  // namespace

ir::Term declared_type(Unit& unit, Names& names, ScopeId scope, Node annotation) {
  if (!annotation || annotation.has_error()) return ir::Term::none;
  const ir::Term result = AnnotationParser(unit, names, scope, annotation.text(), 0).parse();
  return result == unit.module.terms.null() ? ir::Term::none : result;
}

}  // namespace lockwright::frontends::python
