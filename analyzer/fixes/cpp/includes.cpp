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
  };
  return all;
}

bool offers(const Header& header, std::string_view name) {
  return std::ranges::any_of(header.offers, [&](std::string_view each) {
    return each.ends_with('_') ? name.starts_with(each) : name == each;
  });
}

std::vector<Include> includes_of(const Code& code) {
  std::vector<Include> result;
  for (const Node node : code.syntax.root().children()) {
    if (node.kind() != Kind::preproc_include_) continue;
    if (const Include include = read_include(node); include.node) result.push_back(include);
  }
  return result;
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
    edits.insert(text.line_begin(0),
                 fmt::format("#include \"{}\"{}{}", library, text.newline(0), text.newline(0)));
  }
  // Others may rely on what a header includes.
  if (path.ends_with(".h") || path.ends_with(".hpp") || path.ends_with(".hh")) return;
  for (const Include& each : all) {
    const auto header = std::ranges::find(headers(), each.name, &Header::name);
    if (each.quoted || header == headers().end()) continue;
    bool was_needed = false;
    bool needed = false;
    each_node(syntax, syntax.root(), [&](Node node) {
      const bool names = node.kind() == Kind::identifier_ || node.kind() == Kind::type_identifier_ ||
                         node.kind() == Kind::primitive_type_;
      const bool macro = node.kind() == Kind::preproc_arg_;
      if (macro) needed = true;
      if (!names || !offers(*header, node.text())) return;
      was_needed = true;
      needed |= std::ranges::none_of(gone, [&](Node some) { return covers(some, node.begin(), node.end()); });
    });
    if (was_needed && !needed) edits.remove_lines(each.node.begin(), each.node.begin());
  }
}

}  // namespace lockwright::fixes::cpp
