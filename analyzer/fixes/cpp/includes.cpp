// The library's #include where the file's author would have put it: among the headers of other libraries,
// written as those are, else behind the system's; and those of the system that nothing needs any more go.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "analyzer/fixes/cpp/code.h"

namespace lockwright::fixes::cpp {
namespace {

constexpr std::string_view library = "lockwright/runtime.h";

struct Include {
  Node node;
  std::string_view name;  ///< what stands between the quotes or brackets
  bool quoted = false;
};

Include read_include(Node node) {
  const Node path = node.child(Field::path_);
  const std::string_view text = path ? path.text() : std::string_view();
  if (text.size() < 3) return {};
  return {.node = node, .name = text.substr(1, text.size() - 2), .quoted = text.front() == '"'};
}

/// <optional>: a header of C++ itself, which has no dot.
bool is_standard(const Include& include) {
  return !include.quoted && !has(include.name, ".") && !has(include.name, "/");
}
/// <boost/asio.hpp>, <fmt/format.h>, but not <sys/file.h>.
bool is_package(const Include& include) {
  constexpr std::array systems = {"sys/",  "linux/", "netinet/",      "arpa/",
                                  "bits/", "asm/",   "experimental/", "net/"};
  return has(include.name, "/") &&
         std::ranges::none_of(systems, [&](std::string_view each) { return include.name.starts_with(each); });
}

/// The file's own header, which stands first: "store.h" in store.cpp.
bool is_own(const Include& include, std::string_view path) {
  const auto stem = [](std::string_view name) {
    name = name.substr(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1);
    return name.substr(0, name.rfind('.'));
  };
  return include.quoted && stem(include.name) == stem(path);
}

/// What a header of the system is included for. A name that ends in '_' stands for all that begin so.
struct Header {
  std::string_view name;
  std::vector<std::string_view> offers;
};

const std::vector<Header>& headers() {
  static const std::vector<Header> all = {
      {"sys/file.h", {"flock", "LOCK_"}},
      {"fcntl.h", {"open",      "openat", "creat",  "fcntl", "posix_fadvise", "posix_fallocate",
                   "fallocate", "splice", "O_",     "F_",    "FD_",           "AT_",
                   "S_",        "SEEK_",  "POSIX_", "SYNC_", "mode_t",        "off_t",
                   "pid_t",     "flock"}},
      {"unistd.h",
       {"_exit",         "access",    "alarm",       "chdir",     "chown",     "close",     "confstr",
        "crypt",         "dup",       "dup2",        "dup3",      "environ",   "exec",      "execl",
        "execle",        "execlp",    "execv",       "execve",    "execvp",    "faccessat", "fchdir",
        "fchown",        "fdatasync", "fork",        "fpathconf", "fsync",     "ftruncate", "getcwd",
        "getdomainname", "getegid",   "getentropy",  "geteuid",   "getgid",    "getgroups", "gethostname",
        "getlogin",      "getopt",    "getpagesize", "getpgid",   "getpgrp",   "getpid",    "getppid",
        "getsid",        "getuid",    "isatty",      "lchown",    "link",      "linkat",    "lockf",
        "lseek",         "nice",      "optarg",      "opterr",    "optind",    "optopt",    "pathconf",
        "pause",         "pipe",      "pipe2",       "pread",     "pwrite",    "read",      "readlink",
        "readlinkat",    "rmdir",     "sbrk",        "setegid",   "seteuid",   "setgid",    "sethostname",
        "setpgid",       "setpgrp",   "setsid",      "setuid",    "sleep",     "symlink",   "symlinkat",
        "sync",          "syncfs",    "syscall",     "sysconf",   "tcgetpgrp", "tcsetpgrp", "truncate",
        "ttyname",       "ttyname_r", "ualarm",      "unlink",    "unlinkat",  "usleep",    "vfork",
        "write",         "gettid",    "STDIN_",      "STDOUT_",   "STDERR_",   "R_OK",      "W_OK",
        "X_OK",          "F_OK",      "SEEK_",       "_SC_",      "_PC_",      "F_LOCK",    "F_ULOCK",
        "F_TLOCK",       "F_TEST",    "pid_t",       "ssize_t",   "off_t",     "uid_t",     "gid_t",
        "useconds_t",    "intptr_t"}},
      {"boost/interprocess/sync/file_lock.hpp", {"file_lock"}},
      {"boost/interprocess/sync/scoped_lock.hpp", {"scoped_lock"}},
      {"boost/interprocess/sync/sharable_lock.hpp", {"sharable_lock"}},
  };
  return all;
}

bool offers(const Header& header, std::string_view name) {
  return std::ranges::any_of(header.offers, [&](std::string_view each) {
    return each.ends_with('_') ? name.starts_with(each) : name == each;
  });
}

/// Those that are included whatever is defined: at the top, or within the header's own guard.
std::vector<Include> includes_of(const Code& code) {
  std::vector<Include> result;
  const auto read_below = [&](Node parent) {
    for (const Node node : parent.children()) {
      if (node.kind() != Kind::preproc_include_) continue;
      if (const Include include = read_include(node); include.node) result.push_back(include);
    }
  };
  read_below(code.syntax.root());
  const Node guard = code.syntax.root().first_child();
  if (result.empty() && guard && guard.kind() == Kind::preproc_ifdef_) read_below(guard);
  return result;
}

/// The line behind which includes may stand where there are none: behind a header's guard, or the first.
std::size_t first_line(const Code& code) {
  const Text& text = code.text;
  const std::size_t pragma = text.all().find("#pragma once");
  if (pragma != std::string_view::npos) return text.next_line(pragma);
  const Node guard = code.syntax.root().first_child();
  if (!guard || guard.kind() != Kind::preproc_ifdef_) return text.line_begin(0);
  const std::size_t defined = text.all().find("#define", guard.begin());
  return text.next_line(defined == std::string_view::npos ? guard.begin() : defined);
}

/// The lines of one group: nothing, not even a blank line, stands between two neighbours.
bool adjacent(const Text& text, const Include& first, const Include& second) {
  return text.next_line(first.node.begin()) == text.line_begin(second.node.begin());
}

/// Inserts a line behind the last of `group` that is not greater, or before the first.
void insert_sorted(Edits& edits, const std::vector<Include>& group, std::string_view name, std::string line) {
  const Include* before = nullptr;
  for (const Include& each : group) {
    if (each.name < name) before = &each;
  }
  if (before != nullptr) {
    edits.add_lines_after(before->node.begin(), "", std::array{std::move(line)});
  } else {
    edits.add_lines_before(group.front().node.begin(), "", std::array{std::move(line)});
  }
}

/// Nothing needs the system's header but what is gone.
bool idle_header(const Code& code, const Include& include, const std::vector<Node>& gone) {
  const auto header = std::ranges::find(headers(), include.name, &Header::name);
  if (include.quoted || header == headers().end()) return false;
  // <sys/file.h> has <fcntl.h> with it, and some rely on that.
  const auto with = std::ranges::find(headers(), "fcntl.h", &Header::name);
  const bool relied_on = include.name == "sys/file.h" && !has(code.text.all(), "<fcntl.h>");
  bool was_needed = false;
  bool needed = false;
  each_node(code.syntax, code.syntax.root(), [&](Node node) {
    const bool names = node.kind() == Kind::identifier_ || node.kind() == Kind::type_identifier_ ||
                       node.kind() == Kind::primitive_type_;
    needed |= node.kind() == Kind::preproc_arg_;  // whatever a macro needs
    if (!names || (!offers(*header, node.text()) && !(relied_on && offers(*with, node.text())))) return;
    was_needed = true;
    needed |= std::ranges::none_of(gone, [&](Node some) { return covers(some, node.begin(), node.end()); });
  });
  return was_needed && !needed;
}

}  // namespace

void Code::include_standard(Edits& edits, const std::vector<std::string>& wanted) const {
  const std::vector<Include> all = includes_of(*this);
  std::vector<Include> group;  // the last one that has a standard header
  for (const Include& each : all) {
    if (!is_standard(each)) continue;
    if (!group.empty() && !adjacent(text, group.back(), each)) group.clear();
    group.push_back(each);
  }
  std::vector<std::string> lines;
  for (const std::string& header : wanted) {
    if (std::ranges::any_of(all, [&](const Include& each) { return each.name == header; })) continue;
    if (!group.empty()) {
      insert_sorted(edits, group, header, fmt::format("#include <{}>", header));
    } else {
      lines.push_back(fmt::format("#include <{}>", header));
    }
  }
  if (lines.empty()) return;
  const Include* last = nullptr;  // of the system
  for (const Include& each : all) {
    if (!each.quoted && !is_package(each)) last = &each;
  }
  if (last != nullptr) {
    lines.insert(lines.begin(), "");
    edits.add_lines_after(last->node.begin(), "", lines);
  } else if (!all.empty()) {
    lines.emplace_back("");
    edits.add_lines_before(all.front().node.begin(), "", lines);
  }
}

void Code::include_system(Edits& edits, std::vector<std::string> wanted) const {
  std::ranges::sort(wanted);
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  const std::vector<Include> all = includes_of(*this);
  std::vector<Include> group;  // the first one that has a header of the system
  const Include* last = nullptr;
  for (const Include& each : all) {
    last = &each;
    if (each.quoted || is_package(each) || is_standard(each)) continue;
    if (!group.empty() && !adjacent(text, group.back(), each)) break;
    group.push_back(each);
  }
  const bool sorted = std::ranges::is_sorted(group, {}, &Include::name);
  for (const std::string& header : wanted) {
    if (std::ranges::any_of(all, [&](const Include& each) { return each.name == header; })) continue;
    std::string line = fmt::format("#include <{}>", header);
    if (!group.empty() && sorted) {
      insert_sorted(edits, group, header, std::move(line));
    } else if (const Include* behind = group.empty() ? last : &group.back(); behind != nullptr) {
      edits.add_lines_after(behind->node.begin(), "", std::array{std::move(line)});
    }
  }
}

void Code::include_library(Edits& edits, const std::vector<std::string>& standard,
                           const std::vector<Node>& gone) const {
  const std::vector<Include> all = includes_of(*this);
  include_standard(edits, standard);
  const bool there = std::ranges::any_of(all, [](const Include& each) { return each.name == library; });
  std::vector<Include> group;
  const std::string_view path = files.path(file);
  // Those of other packages; then the project's own, with a directory or not.
  for (const bool packages : {true, false}) {
    if (!group.empty()) break;
    for (const Include& each : all) {
      const bool fits = packages ? is_package(each) : each.quoted;
      if (!fits || is_own(each, path)) continue;
      if (!group.empty() && !adjacent(text, group.back(), each)) break;
      group.push_back(each);
    }
  }
  if (!there && !group.empty()) {
    insert_sorted(edits, group, library,
                  group.front().quoted ? fmt::format("#include \"{}\"", library)
                                       : fmt::format("#include <{}>", library));
  } else if (!there && !all.empty()) {
    edits.add_lines_after(all.back().node.begin(), "",
                          std::array<std::string, 2>{"", fmt::format("#include \"{}\"", library)});
  } else if (!there) {
    const std::size_t line = first_line(*this);
    const std::string newline = text.newline(0);
    const std::string_view before =
        line == text.line_begin(0) ? std::string_view() : std::string_view(newline);
    edits.insert(line, fmt::format("{}#include \"{}\"{}{}", before, library, newline,
                                   before.empty() ? newline : std::string()));
  }
  // Others may rely on what a header includes.
  if (path.ends_with(".h") || path.ends_with(".hpp") || path.ends_with(".hh")) return;
  std::vector<Include> idle;
  for (const Include& each : all) {
    if (idle_header(*this, each, gone)) idle.push_back(each);
  }
  const auto goes = [&](const Include& each) {
    return std::ranges::any_of(idle, [&](const Include& other) { return other.node == each.node; });
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!goes(all[i])) continue;
    edits.remove_lines(all[i].node.begin(), all[i].node.begin());
    // A group that goes as a whole takes the blank line behind it along.
    const bool last = i + 1 == all.size() || !adjacent(text, all[i], all[i + 1]);
    std::size_t first = i;
    while (first > 0 && adjacent(text, all[first - 1], all[first])) --first;
    bool whole = last && i + 1 < all.size();
    for (std::size_t at = first; at <= i; ++at) whole &= goes(all[at]);
    const std::size_t line = text.next_line(all[i].node.begin());
    if (whole && text.indent(line).size() == text.line_end(line) - line)
      edits.replace(line, text.next_line(line), "");
  }
}

}  // namespace lockwright::fixes::cpp
