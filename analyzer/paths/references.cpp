// References. A function is worth a look when a literal of the prefilter shows in it: as a name it uses, as a
// text, or as a quoted text where one of the functions is called that take it for a lock.
#include "analyzer/paths/references.h"

#include <algorithm>
#include <cctype>

#include "analyzer/models/dependency_lockfiles.h"
#include "analyzer/source/glance.h"

namespace lockwright::paths {

using ir::Term;
using ir::TermKind;

bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::string_view last_component(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

namespace {

bool is_quote(char c) {
  return c == '"' || c == '\'' || c == '`';
}

}  // namespace

Triggers::Triggers(const std::vector<models::Trigger>& triggers) {
  for (const models::Trigger& trigger : triggers) {
    const auto& [literal, callees, beside, within] = trigger;
    const std::size_t equals = literal.find('=');
    const std::size_t last_dot = literal.rfind('.');
    if (callees.empty() && is_identifier(literal)) words_.insert(literal);
    if (is_quoted(literal)) {
      texts_[literal.substr(1, literal.size() - 2)] = {callees.begin(), callees.end()};
    } else if (is_identifier(literal)) {
      names_.insert(literal);
    } else if (equals != std::string::npos && is_identifier(literal.substr(0, equals))) {
      keywords_.insert(literal.substr(0, equals));
    } else if (last_dot != std::string::npos && is_identifier(literal.substr(last_dot + 1))) {
      (last_dot == 0 ? names_ : qualified_).insert(literal.substr(last_dot == 0 ? 1 : 0));
      if (last_dot == 0) methods_.insert(literal.substr(1));
    } else {
      // A quote at the end says where a string ends in the text; a term has no quotes.
      const bool quoted = is_quote(literal.back());
      if (!quoted) names_.insert(literal);  // a package whose name is no identifier: "fs-ext"
      parts_.push_back({quoted ? literal.substr(0, literal.size() - 1) : literal, trigger});
    }
  }
}

bool Triggers::is_quoted(std::string_view literal) {
  return literal.size() > 2 && is_quote(literal.front()) && is_quote(literal.back());
}

namespace {

/// Whether the literal stands where it means what a lock is made with.
bool is_meant(std::string_view text, const models::Trigger& trigger) {
  const std::string_view literal = trigger.literal;
  if (is_identifier(literal)) return source::stands_as_name(text, literal);
  if (literal.empty() || !is_quote(literal.back())) return true;
  if (Triggers::is_quoted(literal))
    return trigger.callees.empty() || source::may_be_passed(text, literal, trigger.callees);
  if (!trigger.callees.empty() && !source::mentions_one(text, trigger.callees)) return false;
  return source::ends_name(text, literal.substr(0, literal.size() - 1), literal.back(),
                           [](std::string_view name) { return !models::is_dependency_lockfile(name); });
}

}  // namespace

bool may_tell_of_lock(std::string_view text, const models::Trigger& trigger) {
  if (!is_meant(text, trigger)) return false;
  if (trigger.beside.empty()) return true;
  return trigger.within == 0 ? source::has_word(text, trigger.beside)
                             : source::has_word_near(text, trigger.literal, trigger.within, trigger.beside);
}

bool Triggers::qualified_name(std::string_view text) const {
  if (qualified_.contains(text)) return true;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    if (name(text.substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

bool Triggers::text_in(std::string_view file, std::string_view text) const {
  const bool speaks = std::ranges::any_of(parts_, [&](const Part& part) {
    return text.find(part.text) != std::string_view::npos &&
           (file.empty() || part.trigger.callees.empty() || source::mentions_one(file, part.trigger.callees));
  });
  // A script or a message may speak of locks; it is the name of none.
  return speaks && text.find('\n') == std::string_view::npos && !models::is_dependency_lockfile(text);
}

bool Triggers::speaks(const ir::TermTable& terms, Term file) const {
  const TermKind kind = terms.kind(file);
  if (kind == TermKind::string ? text(terms.text(file)) : qualified_name(terms.text(file))) return true;
  const auto operands = terms.operands(file);
  return std::any_of(operands.begin(), operands.end(), [&](Term operand) { return speaks(terms, operand); });
}

const std::set<std::string, std::less<>>* Triggers::text_of_call(std::string_view text) const {
  const auto found = texts_.find(text);
  return found == texts_.end() ? nullptr : &found->second;
}

namespace {

class Collector {
 public:
  Collector(std::string_view file, const ir::TermTable& terms, const Triggers& triggers,
            const models::Models& models)
      : file_(file), terms_(terms), triggers_(triggers), models_(models) {}

  References collect(const ir::Function& function) {
    References references;
    texts_.clear();
    copies_.clear();
    for (const ir::Block& block : function.cfg.blocks) {
      for (const ir::Instruction& each : block.instructions) {
        see(each.place, references);
        if (const std::string_view name = place(each.place); !name.empty()) references.stored.insert(name);
        if (each.kind == ir::InstructionKind::let) {
          if (const std::string_view name = place(each.value); !name.empty()) copies_[each.result] = name;
        }
        see(each.value, references);
        see(each.callee, references);
        if (each.kind == ir::InstructionKind::call) callee(each.callee, references);
        for (const ir::Argument& argument : each.arguments) see(argument, references);
      }
      see(block.end.test, references);
      see(block.end.value, references);
    }
    for (const Term decorator : function.decorators) see(decorator, references);
    for (const auto* callees : texts_) references.trigger |= calls_one_of(*callees, references);
    for (const ir::Parameter& parameter : function.parameters)
      references.trigger |= triggers_.name(parameter.name);
    return references;
  }

 private:
  /// The name of a global, or of a field of the receiver; "" for all else.
  [[nodiscard]] std::string_view place(Term term) const {
    if (term == Term::none) return {};
    const bool own =
        terms_.kind(term) == TermKind::field && terms_.kind(terms_.operands(term)[0]) == TermKind::self;
    return own || terms_.kind(term) == TermKind::global ? terms_.text(term) : std::string_view();
  }

  void callee(Term term, References& references) {
    switch (terms_.kind(term)) {
      case TermKind::global:
      case TermKind::closure: references.globals.insert(terms_.text(term)); break;
      case TermKind::field:
        (terms_.kind(terms_.operands(term)[0]) == TermKind::self ? references.own_methods
                                                                 : references.methods)
            .insert(terms_.text(term));
        if (models_.is_scope_enter(terms_.text(term))) {
          const Term scope = terms_.operands(term)[0];
          const auto copy = terms_.kind(scope) == TermKind::local
                                ? copies_.find(static_cast<ir::Local>(terms_.number(scope)))
                                : copies_.end();
          const std::string_view name = copy == copies_.end() ? place(scope) : copy->second;
          if (!name.empty()) references.entered.insert(name);
        }
        break;
      default: break;
    }
  }

  void see(const ir::Argument& argument, References& references) {
    see(argument.value, references);
    const TermKind kind = terms_.kind(argument.value);
    if (kind == TermKind::global) callee(argument.value, references);
    const bool switched_on = kind == TermKind::boolean && terms_.number(argument.value) != 0;
    references.trigger |= triggers_.name(argument.name) || (triggers_.keyword(argument.name) && !switched_on);
  }

  void see(Term term, References& references) {
    if (term == Term::none || (references.trigger && references.speaks)) return;
    const std::string_view text = terms_.text(term);
    references.speaks |= !text.empty() && triggers_.speaks(text);
    switch (terms_.kind(term)) {
      case TermKind::global:
        references.trigger |= (triggers_.qualified_name(text) &&
                               !(triggers_.method(last_component(text)) && models_.does_nothing(text))) ||
                              models_.is_side_trigger(text);
        break;
      case TermKind::field:
      case TermKind::keyword: references.trigger |= triggers_.name(text); break;
      case TermKind::string:
        references.trigger |= triggers_.text_in(file_, text);
        if (const auto* callees = triggers_.text_of_call(text)) texts_.push_back(callees);
        break;
      default: break;
    }
    for (const Term operand : terms_.operands(term)) see(operand, references);
  }

  static bool calls_one_of(const std::set<std::string, std::less<>>& callees, const References& references) {
    return std::any_of(callees.begin(), callees.end(), [&](const std::string& callee) {
      return references.methods.contains(callee) || references.own_methods.contains(callee) ||
             std::any_of(references.globals.begin(), references.globals.end(),
                         [&](std::string_view global) { return last_component(global) == callee; });
    });
  }

  std::string_view file_;
  const ir::TermTable& terms_;
  const Triggers& triggers_;
  const models::Models& models_;
  std::vector<const std::set<std::string, std::less<>>*> texts_;  ///< of the function at hand
  std::map<ir::Local, std::string_view> copies_;                  ///< variables of it that stand for a place
};

}  // namespace

References references_of(const ir::Function& function, std::string_view file, const ir::TermTable& terms,
                         const Triggers& triggers, const models::Models& models) {
  return Collector(file, terms, triggers, models).collect(function);
}

}  // namespace lockwright::paths
