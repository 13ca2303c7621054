// The IR as text. One line an instruction, in the order and with the numbers of the CFG, so that two dumps
// can be compared line by line; on the right the source line, and !N where an exception would land in block
// N.
#include "analyzer/ir/dump.h"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <utility>

#include "analyzer/ir/draft.h"
#include "analyzer/ir/term_print.h"

namespace lockwright::ir {
namespace {

constexpr std::size_t margin = 80;

/// Collects lines; what belongs on the right goes into a column of its own.
class Page {
 public:
  explicit Page(const LineOf& line_of) : line_of_(line_of) {}

  void line(std::string_view text) { text_ += fmt::format("{}\n", text); }

  void line(std::string_view text, const source::Range& range, std::string_view note = {}) {
    std::string right = line_of_ ? fmt::to_string(line_of_(range)) : std::string();
    if (!note.empty()) right += fmt::format("{}{}", right.empty() ? "" : "  ", note);
    line(right.empty() ? std::string(text) : fmt::format("{:<{}}  {}", text, margin, right));
  }

  std::string take() { return std::move(text_); }

 private:
  const LineOf& line_of_;
  std::string text_;
};

template <typename Items, typename Print>
std::string list(const Items& items, const Print& print) {
  std::string text;
  for (const auto& item : items) text += fmt::format("{}{}", text.empty() ? "" : ", ", print(item));
  return text;
}

class FunctionDump {
 public:
  FunctionDump(const Module& module, const Function& function, Page& page)
      : terms_(module.terms), function_(function), page_(page) {
    std::map<std::string_view, int> uses;
    for (const Variable& variable : function.locals) ++uses[variable.name];
    for (std::size_t i = 0; i < function.locals.size(); ++i) {
      const std::string_view name = function.locals[i].name;
      if (name.empty()) {
        names_.push_back(fmt::format("%{}", i));
      } else {
        names_.push_back(uses[name] == 1 ? std::string(name) : fmt::format("{}%{}", name, i));
      }
    }
    style_.exact = true;
    style_.max_length = 2000;
    style_.local_name = [this](Local local) { return name_of(local); };
  }

  void run() {
    page_.line(heading(), function_.range);
    for (const Term decorator : function_.decorators) page_.line("  decorator " + text(decorator));
    for (std::size_t i = function_.parameters.size(); i < function_.locals.size(); ++i) {
      if (const Term type = function_.locals[i].declared_type; type != Term::none) {
        page_.line(fmt::format("  local {}: {}", names_[i], text(type)));
      }
    }
    for (std::size_t i = 0; i < function_.cfg.blocks.size(); ++i) dump_block(i, function_.cfg.blocks[i]);
  }

 private:
  [[nodiscard]] std::string text(Term term) const { return to_string(terms_, term, style_); }

  [[nodiscard]] std::string_view name_of(Local local) const {
    const auto i = static_cast<std::size_t>(local);
    return i < names_.size() ? std::string_view(names_[i]) : std::string_view();
  }

  /// The local as a term would print, also when it is out of range.
  [[nodiscard]] std::string text(Local local) const {
    const std::string_view name = local == Local::none ? "none" : name_of(local);
    return name.empty() ? fmt::format("%{}", static_cast<std::uint32_t>(local)) : std::string(name);
  }

  static std::string text(BlockId id) {
    return id == BlockId::none ? "none" : fmt::to_string(static_cast<std::uint32_t>(id));
  }

  [[nodiscard]] std::string heading() const {
    std::string line = fmt::format("function {}({})", function_.qualified_name,
                                   list(function_.parameters, [&](const Parameter& p) { return text(p); }));
    if (function_.return_type != Term::none) line += " -> " + text(function_.return_type);
    std::vector<std::string_view> traits;
    const auto trait = [&](bool holds, std::string_view name) {
      if (holds) traits.push_back(name);
    };
    trait(function_.has_receiver, "self");
    trait(function_.is_async, "async");
    trait(function_.is_generator, "generator");
    trait(function_.is_property, "property");
    trait(function_.is_test, "test");
    if (!traits.empty()) line += fmt::format(" [{}]", fmt::join(traits, ", "));
    return line;
  }

  [[nodiscard]] std::string text(const Parameter& parameter) const {
    static constexpr std::string_view marks[] = {"", "kw ", "*", "**"};
    std::string line = fmt::format("{}{}", marks[static_cast<std::size_t>(parameter.kind)], parameter.name);
    if (parameter.declared_type != Term::none) line += ": " + text(parameter.declared_type);
    if (parameter.default_value != Term::none) line += " = " + text(parameter.default_value);
    return line;
  }

  void dump_block(std::size_t number, const Block& block) {
    std::vector<std::string> notes;
    if (block.exception != Local::none) notes.push_back("landing " + text(block.exception));
    if (block.loop_header) notes.emplace_back("loop header");
    if (block.loop != BlockId::none && !block.loop_header) notes.push_back("in loop " + text(block.loop));
    page_.line(notes.empty() ? fmt::format("  block {}:", number)
                             : fmt::format("  block {} ({}):", number, fmt::join(notes, ", ")));

    const std::string landing = block.landing == BlockId::none ? "" : "!" + text(block.landing);
    for (const Instruction& instruction : block.instructions) {
      page_.line("    " + text(instruction), instruction.range, may_raise(instruction) ? landing : "");
    }
    if (block.end.kind == TerminatorKind::jump) {
      page_.line("    jump " + text(block.end.then_block));
    } else {
      page_.line("    " + text(block.end), block.end.range,
                 block.end.kind == TerminatorKind::raise ? landing : "");
    }
  }

  [[nodiscard]] std::string text(const Instruction& instruction) const {
    const bool drops = instruction.result == Local::none;
    const std::string result = drops ? "" : text(instruction.result) + " = ";
    switch (instruction.kind) {
      case InstructionKind::let:
        return fmt::format("{} := {}", drops ? "_" : text(instruction.result), text(instruction.value));
      case InstructionKind::store:
        return fmt::format("store {} := {}", text(instruction.place), text(instruction.value));
      case InstructionKind::call:
        return fmt::format("{}{} {}({})", result,
                           instruction.completion == Completion::awaited ? "await call" : "call",
                           text(instruction.callee),
                           list(instruction.arguments, [&](const Argument& a) { return text(a); }));
      case InstructionKind::await: return fmt::format("{}await {}", result, text(instruction.value));
      case InstructionKind::yield:
        return fmt::format("{}yield{}", result,
                           instruction.value == Term::none ? "" : " " + text(instruction.value));
      case InstructionKind::unknown: return "unknown";
    }
    return {};
  }

  [[nodiscard]] std::string text(const Argument& argument) const {
    return fmt::format("{}{}{}{}",
                       argument.mapping  ? "**"
                       : argument.spread ? "..."
                                         : "",
                       argument.name, argument.name.empty() ? "" : "=", text(argument.value));
  }

  [[nodiscard]] std::string text(const Terminator& end) const {
    switch (end.kind) {
      case TerminatorKind::jump: return "jump " + text(end.then_block);
      case TerminatorKind::branch: {
        const std::string test = end.test == Term::none ? "either" : text(end.test);
        const std::string_view loop =
            !end.loop_test ? "" : (end.leaves_on_true ? "  (loop test, true leaves)" : "  (loop test)");
        return fmt::format("branch {} ? {} : {}{}", test, text(end.then_block), text(end.else_block), loop);
      }
      case TerminatorKind::dispatch:
        return fmt::format("dispatch {} {{ {} }} else {}", text(end.exception),
                           list(end.cases, [&](const DispatchCase& one) { return text(one); }),
                           text(end.else_block));
      case TerminatorKind::leave: return "return " + text(end.value);
      case TerminatorKind::raise: return "raise " + text(end.value);
    }
    return {};
  }

  [[nodiscard]] std::string text(const DispatchCase& one) const {
    const std::string types = list(one.types, [&](Term type) { return text(type); });
    return fmt::format("{} -> {}", types.empty() ? "*" : types, text(one.block));
  }

  const TermTable& terms_;
  const Function& function_;
  Page& page_;
  TermStyle style_;
  std::vector<std::string> names_;
};

void dump_class(const Module& module, const Class& type, Page& page) {
  TermStyle style;
  style.exact = true;
  const auto text = [&](Term term) { return to_string(module.terms, term, style); };
  page.line(fmt::format("class {}({})", type.qualified_name, list(type.bases, text)), type.range);
  for (const auto& [name, field] : type.fields) {
    std::string line = fmt::format("  field {}", name);
    if (field.declared_type != Term::none) line += ": " + text(field.declared_type);
    if (field.value != Term::none) line += " = " + text(field.value);
    page.line(line);
  }
  for (const auto& [name, method] : type.methods) {
    const auto index = static_cast<std::size_t>(method);
    page.line(fmt::format(
        "  method {} = {}", name,
        index < module.functions.size() ? module.functions[index].qualified_name : std::string_view("?")));
  }
}

}  // namespace

std::string dump(const Module& module, const Function& function, const LineOf& line_of) {
  Page page(line_of);
  FunctionDump(module, function, page).run();
  return page.take();
}

std::string dump(const Module& module, const LineOf& line_of) {
  Page page(line_of);
  page.line("module " + module.name);
  for (const std::string_view name : module.imports) page.line(fmt::format("import {}", name));
  for (const std::string_view name : module.star_imports) page.line(fmt::format("import {}.*", name));
  for (const auto& [name, term] : module.aliases) {
    page.line(fmt::format("alias {} = {}", name, to_string(module.terms, term, {.exact = true})));
  }
  for (const ParseHole& hole : module.holes) page.line("hole", hole.range);
  for (const Class& type : module.classes) {
    page.line("");
    dump_class(module, type, page);
  }
  for (const Function& function : module.functions) {
    page.line("");
    FunctionDump(module, function, page).run();
  }
  return page.take();
}

}  // namespace lockwright::ir
