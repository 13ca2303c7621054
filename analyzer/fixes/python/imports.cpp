// Adding an import where its author would have put it: among the file's own imports, in their order.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/python/library.h"

namespace lockwright::fixes::python {
namespace {

constexpr std::string_view library = "lockwright_runtime";

bool is_import(Node node) {
  return node.kind() == Kind::import_statement_ || node.kind() == Kind::import_from_statement_ ||
         node.kind() == Kind::future_import_statement_;
}

bool is_docstring(Node node) {
  return node.kind() == Kind::expression_statement_ && node.first_child() &&
         node.first_child().kind() == Kind::string_;
}

/// The first name that `import a.b as c, d` imports: "a.b".
std::string_view imported(Node statement) {
  const Node first = statement.first_child();
  if (!first) return {};
  if (first.kind() == Kind::aliased_import_) {
    const Node name = first.child(Field::name_);
    return name ? name.text() : std::string_view();
  }
  return first.text();
}

/// Whether some statement of the module itself has `import name`, under its own name.
bool has_import(Node root, std::string_view name) {
  for (const Node statement : root.children()) {
    if (statement.kind() != Kind::import_statement_) continue;
    for (const Node child : statement.children()) {
      if (child.kind() == Kind::dotted_name_ && child.text() == name) return true;
    }
  }
  return false;
}

/// The imports that the module begins with.
std::vector<Node> leading_imports(Node root) {
  std::vector<Node> result;
  for (const Node statement : root.children()) {
    if (is_import(statement)) {
      result.push_back(statement);
    } else if (!result.empty() || !is_docstring(statement)) {
      break;
    }
  }
  return result;
}

/// Whether two imports stand together: a blank line divides the groups.
bool same_group(const Text& text, Node left, Node right) {
  for (std::size_t line = text.next_line(left.end()); line < right.begin(); line = text.next_line(line)) {
    if (text.indent(line).size() == text.line_end(line) - line) return false;
  }
  return true;
}

/// Before the first line that is neither a comment (an interpreter, an encoding, a licence) nor a docstring.
void add_at_top(Edits& edits, Node root, const std::string& line) {
  const Node first = root.first_child();
  if (first && is_docstring(first)) {
    edits.add_lines_after(first.end(), "", std::array<std::string, 2>{"", line});
    return;
  }
  if (first && first.kind() == Kind::future_import_statement_) {
    edits.add_lines_after(first.end(), "", std::array<std::string, 2>{"", line});
    return;
  }
  const std::size_t at = first ? first.begin() : 0;
  edits.add_lines_before(at, "", std::array<std::string, 2>{line, ""});
}

/// Whether a module comes with Python, as far as programs that lock files have it among their imports.
bool is_standard(std::string_view module) {
  static constexpr std::array names = {"__future__",  "abc",         "argparse",
                                       "array",       "ast",         "asyncio",
                                       "atexit",      "base64",      "bisect",
                                       "builtins",    "bz2",         "calendar",
                                       "collections", "concurrent",  "configparser",
                                       "contextlib",  "contextvars", "copy",
                                       "csv",         "ctypes",      "dataclasses",
                                       "datetime",    "decimal",     "difflib",
                                       "email",       "enum",        "errno",
                                       "fcntl",       "fileinput",   "fnmatch",
                                       "fractions",   "functools",   "gc",
                                       "getpass",     "glob",        "gzip",
                                       "hashlib",     "heapq",       "hmac",
                                       "html",        "http",        "importlib",
                                       "inspect",     "io",          "ipaddress",
                                       "itertools",   "json",        "linecache",
                                       "locale",      "logging",     "lzma",
                                       "marshal",     "math",        "mimetypes",
                                       "mmap",        "msvcrt",      "multiprocessing",
                                       "numbers",     "operator",    "os",
                                       "pathlib",     "pickle",      "platform",
                                       "pprint",      "queue",       "random",
                                       "re",          "resource",    "sched",
                                       "secrets",     "select",      "shelve",
                                       "shlex",       "shutil",      "signal",
                                       "socket",      "sqlite3",     "ssl",
                                       "stat",        "statistics",  "string",
                                       "struct",      "subprocess",  "sys",
                                       "sysconfig",   "tarfile",     "tempfile",
                                       "textwrap",    "threading",   "time",
                                       "timeit",      "tomllib",     "traceback",
                                       "types",       "typing",      "unicodedata",
                                       "unittest",    "urllib",      "uuid",
                                       "warnings",    "weakref",     "xml",
                                       "zipfile",     "zlib",        "zoneinfo"};
  return std::find(names.begin(), names.end(), module.substr(0, module.find('.'))) != names.end();
}

/// "json" of `from json import loads`; "" of a relative import.
std::string_view module_of(Node statement) {
  if (statement.kind() != Kind::import_from_statement_) return imported(statement);
  const Node module = statement.child(Field::module_name_);
  return module && !module.text().starts_with('.') ? module.text() : std::string_view();
}

}  // namespace

namespace {

/// Adds what is missing to `from lockwright_runtime import …`.
void add_names(Edits& edits, Node statement, const std::vector<std::string>& names) {
  Node last;
  std::vector<std::string_view> there;
  for (const Node child : statement.children()) {
    if (child.field() != Field::name_) continue;
    last = child;
    there.push_back(child.text());
  }
  std::string missing;
  for (const std::string& name : names) {
    if (std::find(there.begin(), there.end(), name) == there.end()) missing += ", " + name;
  }
  if (last && !missing.empty()) edits.insert(last.end(), missing);
}

}  // namespace

std::string library_prefix(const Code& code) {
  const auto imports = [&](std::string_view name) {
    for (const Node statement : code.root().children()) {
      const bool ours = statement.kind() == Kind::import_from_statement_ && module_of(statement) == library;
      if (ours && statement.text().find(name) != std::string_view::npos) return true;
    }
    return false;
  };
  for (const std::string_view name : {"FileLock", "LockTimeout", "replace_file"}) {
    if (code.syntax().symbol(name) != frontends::Symbol::none && !imports(name)) return "lockwright_runtime.";
  }
  return "";
}

std::vector<Node> idle_imports(const Code& code, const std::function<bool(Node)>& goes) {
  std::vector<Node> result;
  each_node(code.syntax(), code.root(), [&](Node statement) {
    if (statement.kind() != Kind::import_statement_ || !code.owns_lines(statement) || goes(statement)) return;
    const Node name = statement.first_child();
    const bool single = name && name.past() == statement.past() && name.kind() == Kind::dotted_name_;
    const Path way = code.way(statement);
    const Node block = way[way.size() - 2];
    if (!single || !is_block(block) || block.first_child().past() == block.past()) return;
    bool used = false;
    bool needed = name.text().find('.') != std::string_view::npos;
    for (const Node use : code.names(code.root(), name.text())) {
      const Path around = code.way(use);
      if (std::ranges::any_of(around, is_import)) continue;
      used = true;
      needed |= !goes(use);
    }
    if (used && !needed) result.push_back(statement);
  });
  return result;
}

void Code::forget_import(Edits& edits, Node use) const {
  Node imported;
  Node statement;
  std::size_t others = 0;
  for (const Node name : names(root(), use.text())) {
    const Path around = way(name);
    const auto import =
        std::ranges::find_if(around, [](Node each) { return each.kind() == Kind::import_from_statement_; });
    if (import != around.end() && !imported) {
      statement = *import;
      imported = *(import + 1);
    } else if (name != use) {
      ++others;
    }
  }
  // Not under another name, which the repair's words would not be.
  if (others > 0 || !imported || imported.field() != Field::name_ || imported.text() != use.text()) return;
  std::vector<Node> all;
  for (const Node child : statement.children()) {
    if (child.field() == Field::name_) all.push_back(child);
  }
  const auto at = std::ranges::find(all, imported);
  if (all.size() == 1) {
    if (owns_lines(statement)) edits.remove_lines(statement.begin(), statement.end());
  } else if (at + 1 != all.end()) {
    edits.replace(imported.begin(), (at + 1)->begin(), "");
  } else {
    edits.replace((at - 1)->end(), imported.end(), "");
  }
}

void Code::import_library(Edits& edits, std::vector<std::string> names, const std::vector<Node>& idle,
                          const std::vector<std::string>& modules) const {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const bool whole = !library_prefix(*this).empty();
  const auto remove = [&](Node kept) {
    for (const Node each : idle) {
      if (each != kept) edits.remove_lines(each.begin(), each.end());
    }
  };
  const auto import_modules = [&] {
    for (const std::string& module : modules) import_module(edits, module);
  };
  if (whole && has_import(root(), library)) {
    import_modules();
    return remove({});
  }
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  const std::string line =
      whole ? fmt::format("import {}", library) : fmt::format("from {} import {}", library, list);
  const std::vector<Node> imports = leading_imports(root());
  Node standard;   // the last of the standard library
  Node neighbour;  // the last of another package that comes before this one
  Node later;      // the first that comes after
  const auto goes = [&](Node node) { return std::find(idle.begin(), idle.end(), node) != idle.end(); };
  Node place;  // of an import that goes
  for (const Node each : imports) {
    if (goes(each)) {
      place = each;
      continue;
    }
    const std::string_view module = module_of(each);
    if (module == library && !whole) {
      add_names(edits, each, names);
      import_modules();
      return remove({});
    }
    const bool future = each.kind() == Kind::future_import_statement_;
    if (future || is_standard(module)) {
      standard = each;
    } else if (!module.empty() && module < library) {
      neighbour = each;
    } else if (!later) {
      later = each;
    }
  }
  const bool alone = !neighbour && !standard && !later && place;
  remove(alone ? place : Node{});
  if (!alone) import_modules();
  if (neighbour) {
    edits.add_lines_after(neighbour.end(), "", std::array{line});
  } else if (later && !module_of(later).empty()) {
    edits.add_lines_before(later.begin(), "", std::array{line});
  } else if (standard) {
    edits.add_lines_after(standard.end(), "", std::array<std::string, 2>{"", line});
  } else if (later) {
    edits.add_lines_before(later.begin(), "", std::array<std::string, 2>{line, ""});
  } else if (alone) {
    const std::string newline = text_.newline(place.begin());
    std::string first;
    for (const std::string& module : modules) first += fmt::format("import {}{}", module, newline);
    edits.replace(place.begin(), place.end(), first.empty() ? line : first + newline + line);
  } else {
    add_at_top(edits, root(), line);
  }
}

void Code::import_module(Edits& edits, std::string_view module) const {
  if (has_import(root(), module)) return;
  const std::string line = fmt::format("import {}", module);
  const std::vector<Node> imports = leading_imports(root());
  // The first group with a plain import, in alphabetical order.
  Node before;
  Node after;
  for (std::size_t i = 0; i < imports.size(); ++i) {
    const Node each = imports[i];
    if (each.kind() == Kind::future_import_statement_) continue;
    if (after && !same_group(text_, imports[i - 1], each)) break;
    if (each.kind() != Kind::import_statement_) continue;
    if (!before && imported(each) > module) before = each;
    if (!before) after = each;
  }
  if (before && !after) {
    edits.add_lines_before(before.begin(), "", std::array{line});
  } else if (after) {
    edits.add_lines_after(after.end(), "", std::array{line});
  } else {
    Node first;
    for (const Node each : imports) {
      if (!first && each.kind() != Kind::future_import_statement_) first = each;
    }
    if (first) {
      edits.add_lines_before(first.begin(), "", std::array{line});
    } else {
      add_at_top(edits, root(), line);
    }
  }
}

}  // namespace lockwright::fixes::python
