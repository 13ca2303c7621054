// LW201: write the new content beside the lock file and rename it over.
//
// The removal goes, the creation gets a name that nobody else has, and the rename comes when all of the
// content is there: the lock file is never missing. Whatever fails leaves the old lock, no temporary file,
// and the errno of what has failed. In C the name is mkstemp()'s, whose file has the permissions of the one
// that it replaces; C++ opens as it did, under a name with a random number.
#include "analyzer/fixes/cpp/rename.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/common/on_failure.h"
#include "analyzer/fixes/cpp/blocks.h"
#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

using Lines = std::vector<std::string>;

void append(Lines& lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

/// The permissions that mkstemp() gives.
bool is_private(std::string_view mode) {
  const std::string plain = squeezed(mode);
  return plain == "0600" || plain == "S_IRUSR|S_IWUSR" || plain == "S_IWUSR|S_IRUSR";
}

class Writer {
 public:
  Writer(const Code& code, const Refresh& refresh)
      : code_(code),
        text_(code.text),
        refresh_(refresh),
        cpp_(code.is_cpp()),
        function_(code.function_at({code.file, refresh.removal.begin(), refresh.removal.end()})),
        temporary_(code.fresh_name(function_, "temporary")),
        by_filesystem_(refresh.filesystem && refresh.handle == Handle::stream),
        error_(error_name()),
        unit_(text_.unit(refresh.creating.begin())) {}

  std::vector<findings::Fix> propose() {
    if (cpp_ && jumps(code_, function_)) return {};
    Edits edits(code_.file, text_);
    edits.remove_lines(refresh_.removing.begin(), refresh_.removing.end());
    if (!(cpp_ ? create_by_name(edits) : create_by_mkstemp(edits))) return {};
    if (!give_up_in_between(edits) || !finish(edits)) return {};
    include(edits);
    return renaming(refresh_, edits);
  }

 private:
  /// The function's own std::error_code for the removal, which goes, serves the rename.
  [[nodiscard]] bool has_error_code() const { return arguments(refresh_.removal).size() == 2; }
  [[nodiscard]] std::string error_name() const {
    if (by_filesystem_ && has_error_code()) return std::string(arguments(refresh_.removal)[1].text());
    return code_.fresh_name(function_, by_filesystem_ ? "error" : "saved_errno");
  }
  [[nodiscard]] Lines error_code_lines() const {
    if (!by_filesystem_ || has_error_code()) return {};
    return {fmt::format("std::error_code {};", error_)};
  }

  // ------------------------------------------------------------------------------------------- the new file

  bool create_by_name(Edits& edits) {
    const std::string_view indent = text_.indent(refresh_.creating.begin());
    edits.add_lines_before(
        refresh_.creating.begin(), indent,
        Lines{fmt::format("const std::string {} = {};", temporary_, temporary_name(refresh_))});
    standard_ = {"random", "string"};
    edits.replace(refresh_.path_argument.begin, refresh_.path_argument.end,
                  refresh_.handle == Handle::stream ? temporary_ : temporary_path());
    return true;
  }

  bool create_by_mkstemp(Edits& edits) {
    const std::vector<Node> given = arguments(refresh_.creation);
    const bool file = refresh_.handle == Handle::file;
    Lines declared = {fmt::format("char {}[4096];", temporary_)};
    const bool chmods = file || !is_private(given[2].text());
    const std::string status = code_.fresh_name(function_, "status");
    if (chmods) declared.push_back(fmt::format("struct stat {};", status));
    const std::string descriptor = file ? code_.fresh_name(function_, "fd") : std::string(refresh_.variable);
    if (file) declared.push_back(fmt::format("int {};", descriptor));
    declare(edits, declared);

    Lines before = {
        fmt::format("snprintf({0}, sizeof({0}), \"%s.XXXXXX\", {1});", temporary_, given[0].text())};
    Lines made;
    if (chmods) {
      made.push_back(fmt::format("if (stat({}, &{}) == 0)", given[0].text(), status));
      made.push_back(fmt::format("{}fchmod({}, {}.st_mode & 07777);", unit_, descriptor, status));
      append(system_, {"sys/stat.h"});
    }
    if (has(given[1].text(), file ? "e" : "O_CLOEXEC")) {
      made.push_back(fmt::format("fcntl({}, F_SETFD, FD_CLOEXEC);", descriptor));
      append(system_, {"fcntl.h"});
    }
    if (!file) {
      edits.replace(refresh_.creation.begin(), refresh_.creation.end(),
                    fmt::format("mkstemp({})", temporary_));
    } else {
      before.push_back(fmt::format("{} = mkstemp({});", descriptor, temporary_));
      append(before, on_failure(fmt::format("{} < 0", descriptor), {}, *refresh_.check, false));
      append(before, made);
      made.clear();
      const std::string opens =
          fmt::format("fdopen({}, \"{}\")", descriptor, has(given[1].text(), "+") ? "w+" : "w");
      edits.replace(refresh_.creation.begin(), refresh_.creation.end(), opens);
      if (!fail_first(edits, refresh_.check->statements.front(),
                      {fmt::format("close({});", descriptor), discard_call()}))
        return false;
      append(system_, {"unistd.h"});
    }
    const Node last = refresh_.checking ? refresh_.checking : refresh_.creating;
    edits.add_lines_before(refresh_.creating.begin(), text_.indent(refresh_.creating.begin()), before);
    if (!made.empty()) edits.add_lines_after(last.end(), text_.indent(last.begin()), made);
    append(system_, {"stdio.h", "stdlib.h"});
    return true;
  }

  /// With the declarations that the block begins with.
  void declare(Edits& edits, const Lines& lines) const {
    Node block;
    for (const Node node : code_.way(refresh_.creating.begin(), refresh_.creating.end())) {
      if (node.kind() == Kind::compound_statement_) block = node;
    }
    Node last;
    const std::vector<Node> all = statements(block);
    for (const Node each : all) {
      if (each.kind() != Kind::declaration_ || each == refresh_.creating) break;
      last = each;
    }
    const std::string_view indent = text_.indent(all.front().begin());
    if (last) {
      edits.add_lines_after(last.end(), indent, lines);
    } else if (all.front() == refresh_.creating) {
      edits.add_lines_before(all.front().begin(), indent, lines);
    } else {
      Lines apart = lines;
      apart.emplace_back();
      edits.add_lines_before(all.front().begin(), indent, apart);
    }
  }

  // ----------------------------------------------------------------------------------------------- failures

  [[nodiscard]] std::string temporary_path() const { return cpp_ ? temporary_ + ".c_str()" : temporary_; }

  [[nodiscard]] std::string discard_call() const {
    if (by_filesystem_) return fmt::format("{}({}, {});", refresh_.remover, temporary_, error_);
    return fmt::format("{}({});", refresh_.filesystem ? "std::remove" : refresh_.remover, temporary_path());
  }

  /// Whoever is told of a failure may ask for its errno.
  [[nodiscard]] bool keeps_errno() const {
    if (by_filesystem_) return false;
    return refresh_.handle != Handle::stream || has(text_.all(), "errno");
  }

  /// `if (condition)`, and in it `first` and what the function does when something has failed.
  Lines on_failure(std::string_view condition, Lines first, const Failing& failing, bool keeps) {
    if (keeps && keeps_errno()) {
      first = keeping_errno(code_, error_, first);
      uses_errno_ = true;
    }
    for (const Node each : failing.statements) {
      if (each == failing.statements.back() && !failing.last.empty()) break;
      append(first, lines_of(code_, each));
    }
    if (!failing.last.empty()) first.push_back(failing.last);
    if (first.size() > 1 || cpp_) return if_block(code_, condition, first, unit_);
    return {fmt::format("if ({})", condition), unit_ + first[0]};
  }

  /// Before all that a branch does that is there already.
  bool fail_first(Edits& edits, Node statement, Lines lines) {
    if (keeps_errno()) {
      lines = keeping_errno(code_, error_, lines);
      uses_errno_ = true;
    }
    return add_before(edits, code_, statement, lines);
  }

  /// What leaves while the content is written leaves no temporary file.
  bool give_up_in_between(Edits& edits) {
    for (const Node statement : refresh_.writing) {
      std::vector<Node> bodies;  // in which the half-made lock file is removed already
      bool fine = true;
      each_node(code_.syntax, statement, [&](Node node) {
        if (node.kind() == Kind::call_expression_) fine &= rename_argument(edits, node, bodies);
      });
      // Said elsewhere, by more than a call.
      fine &= mentions(statement) == replaced_;
      replaced_ = 0;
      each_node(code_.syntax, statement, [&](Node node) {
        if (!fine || !is_leaving(statement, node)) return;
        const Path way = code_.way(node.begin(), node.end());
        const Node around = *(std::ranges::find(way, node) - 1);
        if (std::ranges::find(bodies, around) != bodies.end()) return;
        Lines lines = {discard_call()};
        const bool calls_before = around.kind() == Kind::compound_statement_ &&
                                  !code_.calls(around).empty() &&
                                  code_.calls(around).front().begin() < node.begin();
        const Lines declared = error_code_lines();
        lines.insert(lines.begin(), declared.begin(), declared.end());
        if (!calls_before && keeps_errno()) {
          lines = keeping_errno(code_, error_, lines);
          uses_errno_ = true;
        }
        fine &= add_before(edits, code_, node, lines);
      });
      if (!fine) return false;
    }
    return !cpp_ || give_up_when_thrown(edits);
  }

  /// How often the lock file is named, but for what is printed about it.
  [[nodiscard]] std::size_t mentions(Node statement) const {
    std::size_t count = 0;
    for (std::size_t at = statement.text().find(refresh_.path); at != std::string_view::npos;
         at = statement.text().find(refresh_.path, at + 1)) {
      const std::uint32_t begin = statement.begin() + static_cast<std::uint32_t>(at);
      bool printed = false;
      for (const Node node : code_.way(begin, begin + static_cast<std::uint32_t>(refresh_.path.size()))) {
        if (node.kind() != Kind::call_expression_ || node.begin() < statement.begin()) continue;
        constexpr std::array words = {"print", "perror", "log", "warn", "err", "debug", "info", "str"};
        printed |= std::ranges::any_of(words, [&](std::string_view word) { return has(callee(node), word); });
      }
      count += printed ? 0U : 1U;
    }
    return count;
  }

  /// `unlink(lock_path)`, `chmod(lock_path, 0644)` mean the file that is being written.
  bool rename_argument(Edits& edits, Node call, std::vector<Node>& bodies) {
    constexpr std::array names = {"unlink", "remove", "chmod", "chown", "utime", "utimes", "stat"};
    const std::vector<Node> given = arguments(call);
    if (given.empty() || without_c_str(given[0]) != refresh_.path) return true;
    const std::string_view name = last_name(callee(call));
    if (std::ranges::find(names, name) == names.end()) return true;
    edits.replace(given[0].begin(), given[0].end(), refresh_.filesystem ? temporary_ : temporary_path());
    ++replaced_;
    if (name == "unlink" || name == "remove") {
      const Path way = code_.way(call.begin(), call.end());
      const auto own = std::ranges::find(way, call);
      if (own - way.begin() < 2 || call_of(*(own - 1)) != call) return false;
      bodies.push_back(*(own - 2));
    }
    return true;
  }

  /// It leaves, and not a loop that is all within the statement.
  [[nodiscard]] bool is_leaving(Node statement, Node node) const {
    if (!leaves(node)) return false;
    const bool stops = node.kind() == Kind::break_statement_;
    if (!stops && node.kind() != Kind::continue_statement_) return true;
    return std::ranges::none_of(code_.way(node.begin(), node.end()), [&](Node around) {
      if (around.begin() < statement.begin() || !covers(statement, around.begin(), around.end()))
        return false;
      switch (around.kind()) {
        case Kind::for_statement_:
        case Kind::for_range_loop_:
        case Kind::while_statement_:
        case Kind::do_statement_: return true;
        case Kind::switch_statement_: return stops;
        default: return false;
      }
    });
  }

  /// In C++, where something in between may throw.
  bool give_up_when_thrown(Edits& edits) const {
    const bool quiet = std::ranges::all_of(
        refresh_.writing, [&](Node each) { return calls_that_may_throw(code_, each).empty(); });
    if (quiet) return true;
    const Node first = refresh_.writing.front();
    const Node last = refresh_.writing.back();
    bool fine = true;
    for (const Node each : refresh_.writing) {
      for (const std::string_view name : declared_names(each)) {
        if (refresh_.closing) fine &= code_.names(refresh_.closing, name).empty();
        for (const Node later : refresh_.rest) fine &= code_.names(later, name).empty();
      }
      each_node(code_.syntax, each, [&](Node node) { fine &= node.kind() != Kind::raw_string_literal_; });
    }
    if (!fine) return false;
    Lines lines = error_code_lines();
    lines.push_back(discard_call());
    lines.emplace_back("throw;");
    const TryWords words{.begin = "try {", .finally = "", .handler = "} catch (...) {", .end = "}"};
    give_up_on_failure(edits, text_,
                       {.begin = text_.line_begin(first.begin()), .end = last.end(), .close = {}}, {}, words,
                       lines);
    return true;
  }

  // ---------------------------------------------------------------------------------------------- the rename

  bool finish(Edits& edits) {
    const Node last = refresh_.writing.empty() ? Node{} : refresh_.writing.back();
    Lines lines;
    const std::string done = rename_lines(lines);
    const Failing* failing = refresh_.closing_failing ? &*refresh_.closing_failing
                             : refresh_.check         ? &*refresh_.check
                                                      : nullptr;
    if (refresh_.closing && refresh_.closing.kind() == Kind::if_statement_) {
      // It stays, comments and all, and asks for more.
      const Node asked = refresh_.closing.child(Field::condition_);
      edits.add_lines_before(refresh_.closing.begin(), text_.indent(refresh_.closing.begin()), lines);
      edits.replace(asked.begin(), asked.end(), fmt::format("({})", done));
      return fail_first(edits, failing->statements.front(), {discard_call()});
    }
    if (failing != nullptr) {
      append(lines, on_failure(done, {discard_call()}, *failing, true));
    } else if (by_filesystem_ && refresh_.removal_throws) {
      append(lines,
             if_block(code_, done,
                      Lines{"std::error_code ignored;",
                            fmt::format("{}({}, ignored);", refresh_.remover, temporary_),
                            fmt::format("if ({0}) throw std::filesystem::filesystem_error(\"rename\", {1}, "
                                        "{2}, {0});",
                                        error_, temporary_, refresh_.path)},
                      unit_));
    } else {
      append(lines, {fmt::format("if ({})", done), unit_ + discard_call()});
    }
    if (!refresh_.closing_success.empty()) lines.push_back(refresh_.closing_success);
    if (refresh_.rename_before) {
      edits.add_lines_before(refresh_.rename_before.begin(), text_.indent(refresh_.rename_before.begin()),
                             lines);
    } else if (refresh_.closing) {
      edits.replace(refresh_.closing.begin(), refresh_.closing.end(),
                    text_of(code_, refresh_.closing, lines));
    } else {
      if (!last) return false;
      edits.add_lines_after(last.end(), text_.indent(last.begin()), lines);
    }
    return true;
  }

  /// Adds what comes before; returns the condition that says that something has failed.
  std::string rename_lines(Lines& lines) {
    if (refresh_.rename_before) return rename_call();
    if (refresh_.handle != Handle::stream) return fmt::format("{} != 0 || {}", closing_call(), rename_call());
    const std::string close = fmt::format("{}.close();", refresh_.variable);
    const bool closed =
        std::ranges::any_of(refresh_.writing, [&](Node each) { return each.text() == close; });
    if (!closed) lines.push_back(close);
    if (!refresh_.filesystem) return fmt::format("!{} || {}", refresh_.variable, rename_call());
    append(lines, error_code_lines());
    const std::string_view space = refresh_.remover.substr(0, refresh_.remover.size() - 6);
    lines.push_back(fmt::format("if ({}) {}rename({}, {}, {});", refresh_.variable, space, temporary_,
                                refresh_.path, error_));
    if (!has_error_code()) append(standard_, {"system_error"});
    return fmt::format("!{} || {}", refresh_.variable, error_);
  }

  [[nodiscard]] std::string closing_call() const {
    for (const Node call : code_.calls(refresh_.closing)) {
      const std::string_view name = last_name(callee(call));
      if (name == "close" || name == "fclose") return std::string(call.text());
    }
    return "";
  }

  [[nodiscard]] std::string rename_call() const {
    const std::string_view name = last_name(refresh_.remover);
    const std::string_view space = refresh_.remover.substr(0, refresh_.remover.size() - name.size());
    // std::filesystem's name does not go with what is opened by the system's.
    const std::string_view own = refresh_.filesystem ? std::string_view("std::") : space;
    std::string_view to = arguments(refresh_.removal)[0].text();
    if (refresh_.handle != Handle::stream)
      to = text_.part(refresh_.path_argument.begin, refresh_.path_argument.end);
    return fmt::format("{}rename({}, {}) != 0", own, temporary_path(), to);
  }

  // ------------------------------------------------------------------------------------------------ headers

  void include(Edits& edits) {
    const bool by_std = !by_filesystem_ && (refresh_.filesystem || refresh_.remover.starts_with("std::"));
    if (by_std) {
      standard_.emplace_back("cstdio");
    } else if (!by_filesystem_ && !has(text_.all(), "<cstdio>")) {
      system_.emplace_back("stdio.h");
    }
    if (uses_errno_ && !has(text_.all(), "<errno.h>") && !has(text_.all(), "<cerrno>"))
      (cpp_ ? standard_ : system_).emplace_back(cpp_ ? "cerrno" : "errno.h");
    std::ranges::sort(standard_);
    if (cpp_) code_.include_standard(edits, standard_);
    code_.include_system(edits, system_);
  }

  const Code& code_;
  const Text& text_;
  const Refresh& refresh_;
  bool cpp_;
  Node function_;
  std::string temporary_;
  bool by_filesystem_;  ///< all by std::filesystem; else, what opens by the system's calls renames by them
  std::string error_;
  std::string unit_;
  Lines standard_;
  Lines system_;
  std::size_t replaced_ = 0;
  bool uses_errno_ = false;
};

}  // namespace

bool jumps(const Code& code, Node function) {
  bool found = false;
  each_node(code.syntax, function, [&](Node node) { found |= node.kind() == Kind::goto_statement_; });
  return found;
}

std::vector<findings::Fix> renaming(const Refresh& refresh, Edits& edits) {
  auto taken = edits.take();
  if (!taken) return {};
  using findings::Applicability;
  return {{.title = "Write a temporary file and rename it over the lock file",
           .applicability = refresh.asks_for_loss ? Applicability::unsafe : Applicability::safe,
           .edits = std::move(*taken)}};
}

std::string temporary_name(const Refresh& refresh) {
  const std::string_view given = arguments(refresh.removal)[0].text();
  const std::string_view type = refresh.path_type;
  std::string path = fmt::format("std::string({})", given);
  if (has(type, "path") && !has(refresh.path, "+")) {
    path = fmt::format("{}.string()", refresh.path);
  } else if (has(type, "string") && !has(type, "view")) {
    path = refresh.path;
  } else if (type.empty() && refresh.filesystem) {
    path = fmt::format("std::filesystem::path({}).string()", refresh.path);
  }
  return fmt::format("{} + \".\" + std::to_string(std::random_device{{}}()) + \".tmp\"", path);
}

std::vector<Node> calls_that_may_throw(const Code& code, Node scope) {
  constexpr std::array quiet = {"getpid",      "getppid",
                                "getuid",      "time",
                                "write",       "dprintf",
                                "fprintf",     "fputs",
                                "fwrite",      "fputc",
                                "strlen",      "snprintf",
                                "fsync",       "fflush",
                                "c_str",       "data",
                                "size",        "length",
                                "flush",       "now",
                                "count",       "str",
                                "fileno",      "good",
                                "fail",        "is_open",
                                "close",       "unlink",
                                "remove",      "perror",
                                "ftell",       "string",
                                "to_string",   "strerror",
                                "memset",      "system_clock",
                                "fdatasync",   "time_since_epoch",
                                "gethostname", "duration_cast",
                                "static_cast", "fclose",
                                "chmod",       "rdstate",
                                "bad",         "open"};
  std::vector<Node> calls;
  for (const Node call : code.calls(scope)) {
    // `static_cast<int>(getpid())` looks like a call, too.
    const std::string_view name = last_name(callee(call).substr(0, callee(call).find('<')));
    if (std::ranges::find(quiet, name) == quiet.end()) calls.push_back(call);
  }
  return calls;
}

std::vector<findings::Fix> replace_by_rename(const Code& code, const findings::Repair& repair) {
  const std::optional<Refresh> refresh = read_refresh(code, repair);
  if (!refresh) return {};
  return Writer(code, *refresh).propose();
}

}  // namespace lockwright::fixes::cpp
