// LW201, where a helper makes the file anew: `unlink(path); return write_claim(path, agent);`.
//
// The helper is given a name that nobody else has. When it says that the file is there, with all its content,
// the file is renamed; whatever fails leaves the old lock, no temporary file, and the errno of what has
// failed. In C the name has the process's number.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/common/code_of.h"
#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/cpp/blocks.h"
#include "analyzer/fixes/cpp/rename.h"
#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

using Lines = std::vector<std::string>;

/// What the helper's result says.
enum class Told : std::uint8_t { nothing, truth, zero };

/// Nothing: success cannot be told from failure.
std::optional<Told> told_by(const Code& code, Node helper) {
  const Node type = helper.child(Field::type_);
  const Node declarator = helper.child(Field::declarator_);
  if (!type || !declarator || declarator.kind() != Kind::function_declarator_) return std::nullopt;
  if (type.text() == "void") return Told::nothing;
  if (type.text() == "bool") return Told::truth;
  if (type.text() != "int") return std::nullopt;
  bool fine = true;
  each_node(code.syntax, helper, [&](Node node) {
    if (node.kind() != Kind::return_statement_) return;
    const std::string said = squeezed(node.text());
    constexpr std::array known = {"return0;", "return-1;", "returnclose(", "returnfclose(", "returnfsync("};
    fine &= std::ranges::any_of(known, [&](std::string_view form) { return said.starts_with(form); });
  });
  return fine ? std::optional(Told::zero) : std::nullopt;
}

class Writer {
 public:
  Writer(const Code& code, const Refresh& refresh, const findings::Place& creation)
      : code_(code),
        text_(code.text),
        refresh_(refresh),
        cpp_(code.is_cpp()),
        function_(code.function_at({code.file, refresh.removal.begin(), refresh.removal.end()})),
        temporary_(code.fresh_name(function_, "temporary")),
        unit_(text_.unit(refresh.creating.begin())),
        creation_(creation) {}

  std::vector<findings::Fix> propose() {
    const CodeOf<Code> theirs(code_, code_.file, code_.files, creation_.range.file);
    const Node helper = theirs ? theirs->function_at(creation_.range) : Node{};
    if (helper.kind() != Kind::function_definition_ || (cpp_ && jumps(code_, function_))) return {};
    const std::optional<Told> told = told_by(*theirs, helper);
    if (!told || !find_names()) return {};
    told_ = *told;
    const std::optional<Lines> made = made_lines();
    if (!made) return {};
    Lines lines = declared_lines();
    const bool loud = cpp_ && !calls_that_may_throw(*theirs, helper.child(Field::body_)).empty();
    if (loud) {
      lines.emplace_back("try {");
      for (const std::string& line : *made) lines.push_back(line.empty() ? line : unit_ + line);
      for (const std::string& line :
           {std::string("} catch (...) {"), unit_ + discard(), unit_ + "throw;", std::string("}")})
        lines.push_back(line);
    } else {
      lines.insert(lines.end(), made->begin(), made->end());
    }
    Edits edits(code_.file, text_);
    edits.remove_lines(refresh_.removing.begin(), refresh_.removing.end());
    const Node creating = refresh_.creating;
    edits.replace(creating.begin(), creating.end(), text_of(code_, creating, lines));
    include(edits);
    return renaming(refresh_, edits);
  }

 private:
  /// How the temporary file and the path are said to the helper and to rename().
  bool find_names() {
    const std::string_view given = text_.part(refresh_.path_argument.begin, refresh_.path_argument.end);
    const std::string_view type = refresh_.path_type;
    const bool object = has(type, "string") || has(type, "path");
    const bool characters = has(given, ".c_str()") || has(type, "char");
    if (!cpp_) {
      path_ = given;
      handed_ = temporary_;
      return true;
    }
    path_ = characters ? std::string(given) : fmt::format("{}.c_str()", given);
    handed_ = characters ? fmt::format("{}.c_str()", temporary_) : temporary_;
    return object || characters;
  }

  [[nodiscard]] std::string temporary_path() const { return cpp_ ? temporary_ + ".c_str()" : temporary_; }

  [[nodiscard]] std::string discard() const {
    return fmt::format("{}({});", refresh_.filesystem ? "std::remove" : refresh_.remover, temporary_path());
  }

  [[nodiscard]] std::string rename() const {
    return fmt::format("{}rename({}, {}) != 0", cpp_ ? "std::" : "", temporary_path(), path_);
  }

  [[nodiscard]] Lines declared_lines() const {
    if (cpp_) return {fmt::format("const std::string {} = {};", temporary_, temporary_name(refresh_))};
    return {
        fmt::format("char {}[4096];", temporary_), "",
        fmt::format("snprintf({0}, sizeof({0}), \"%s.%ld.tmp\", {1}, (long)getpid());", temporary_, path_)};
  }

  /// The helper's call, for the temporary file.
  [[nodiscard]] std::string call() const {
    std::string result(refresh_.creation.text());
    result.replace(refresh_.path_argument.begin - refresh_.creation.begin(),
                   refresh_.path_argument.end - refresh_.path_argument.begin, handed_);
    return result;
  }

  /// `if` the helper or the rename fails: nothing of it stays, and then `failing`.
  [[nodiscard]] Lines if_failed(const Lines& failing) {
    const std::string condition = told_ == Told::truth  ? fmt::format("!{} || {}", call(), rename())
                                  : told_ == Told::zero ? fmt::format("{} != 0 || {}", call(), rename())
                                                        : rename();
    Lines inside = {discard()};
    const bool keeps = !failing.empty() && (!cpp_ || has(text_.all(), "errno"));
    if (keeps) {
      inside = keeping_errno(code_, code_.fresh_name(function_, "saved_errno"), inside);
      uses_errno_ = true;
    }
    inside.insert(inside.end(), failing.begin(), failing.end());
    if (inside.size() > 1) return if_block(code_, condition, inside, unit_);
    return {fmt::format("if ({})", condition), unit_ + inside[0]};
  }

  /// In place of the statement that called the helper; nothing: it has no form that is known.
  std::optional<Lines> made_lines() {
    const Node statement = refresh_.creating;
    if (call_of(statement) == refresh_.creation) {
      Lines lines;
      if (told_ == Told::nothing) lines.push_back(call() + ";");
      const Lines renamed = if_failed({});
      lines.insert(lines.end(), renamed.begin(), renamed.end());
      return lines;
    }
    if (told_ == Told::nothing) return std::nullopt;
    if (statement.kind() == Kind::return_statement_ && statement.first_child() == refresh_.creation) {
      const bool truth = told_ == Told::truth;
      Lines lines = if_failed({truth ? "return false;" : "return -1;"});
      lines.emplace_back(truth ? "return true;" : "return 0;");
      return lines;
    }
    if (statement.kind() != Kind::if_statement_ || statement.child(Field::alternative_) ||
        !ends_by_leaving(statement.child(Field::consequence_)))
      return std::nullopt;
    const std::string asked = squeezed(statement.child(Field::condition_).text());
    const std::string called = squeezed(refresh_.creation.text());
    const bool fails = told_ == Told::truth ? asked == fmt::format("(!{})", called)
                                            : asked == fmt::format("({}!=0)", called) ||
                                                  asked == fmt::format("({}<0)", called) ||
                                                  asked == fmt::format("({}==-1)", called);
    if (!fails) return std::nullopt;
    Lines failing;
    for (const Node each : body_statements(statement.child(Field::consequence_))) {
      for (const std::string& line : lines_of(code_, each)) failing.push_back(line);
    }
    return if_failed(failing);
  }

  void include(Edits& edits) const {
    std::vector<std::string> standard = {"cstdio", "random", "string"};
    if (uses_errno_ && !has(text_.all(), "<errno.h>") && !has(text_.all(), "<cerrno>")) {
      if (cpp_) standard.insert(standard.begin(), "cerrno");
      if (!cpp_) code_.include_system(edits, {"errno.h"});
    }
    if (cpp_) code_.include_standard(edits, standard);
    if (!cpp_) code_.include_system(edits, {"stdio.h", "unistd.h"});
  }

  const Code& code_;
  const Text& text_;
  const Refresh& refresh_;
  bool cpp_;
  Node function_;
  std::string temporary_;
  std::string unit_;
  const findings::Place& creation_;
  Told told_ = Told::nothing;
  std::string path_;    ///< for rename()
  std::string handed_;  ///< to the helper, in place of the path
  bool uses_errno_ = false;
};

}  // namespace

std::vector<findings::Fix> rename_what_helper_makes(const Code& code, const findings::Repair& repair) {
  const std::optional<Refresh> refresh = read_refresh_with_helper(code, repair);
  if (!refresh) return {};
  return Writer(code, *refresh, repair.places[1]).propose();
}

}  // namespace lockwright::fixes::cpp
