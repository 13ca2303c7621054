// A module that the run knows gets the name the run knows it by. A package keeps the name that the source
// gives it, Node's own modules in one spelling: "fs" and "node:fs" are node:fs, its `promises` and
// "fs/promises" are node:fs/promises. What Node offers both as a module and as a global is the global.
#include "analyzer/frontends/typescript/imports.h"

#include <algorithm>
#include <array>

namespace lockwright::frontends::typescript {
namespace {

constexpr auto node_modules = std::to_array<std::string_view>(
    {"assert",  "async_hooks",    "buffer",      "child_process", "cluster", "console", "constants",
     "crypto",  "dgram",          "dns",         "domain",        "events",  "fs",      "http",
     "http2",   "https",          "module",      "net",           "os",      "path",    "perf_hooks",
     "process", "punycode",       "querystring", "readline",      "repl",    "stream",  "string_decoder",
     "sys",     "timers",         "tls",         "tty",           "url",     "util",    "v8",
     "vm",      "worker_threads", "zlib"});

/// Modules of Node that have a part named `promises`.
constexpr auto with_promises =
    std::to_array<std::string_view>({"node:fs", "node:dns", "node:timers", "node:stream", "node:readline"});

template <std::size_t size>
bool contains(const std::array<std::string_view, size>& all, std::string_view name) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

bool is_upper(char each) {
  return each >= 'A' && each <= 'Z';
}
bool is_lower(char each) {
  return each >= 'a' && each <= 'z';
}

/// "../b" in "src/a/x.ts" is "src/b".
std::string join(std::string_view from, std::string_view specifier) {
  std::string_view folder = from.substr(0, from.rfind('/') == std::string_view::npos ? 0 : from.rfind('/'));
  while (!specifier.empty()) {
    const std::size_t slash = specifier.find('/');
    const std::string_view part = specifier.substr(0, slash);
    if (part != "." && part != "..") break;
    if (part == "..") {
      folder = folder.substr(0, folder.rfind('/') == std::string_view::npos ? 0 : folder.rfind('/'));
    }
    specifier.remove_prefix(slash == std::string_view::npos ? specifier.size() : slash + 1);
  }
  std::string result(folder);
  if (!result.empty() && !specifier.empty()) result += '/';
  result += specifier;
  return result;
}

std::string package_name(std::string_view specifier) {
  const bool prefixed = specifier.starts_with("node:");
  const std::string_view bare = prefixed ? specifier.substr(5) : specifier;
  if (!prefixed && !contains(node_modules, bare.substr(0, bare.find('/')))) return std::string(specifier);
  if (bare == "process" || bare == "console") return "globalThis." + std::string(bare);
  if (bare == "timers") return "globalThis";
  return "node:" + std::string(bare);
}

}  // namespace

bool looks_like_type(std::string_view name) {
  const auto first =
      std::find_if(name.begin(), name.end(), [](char each) { return each != '_' && each != '$'; });
  return first != name.end() && is_upper(*first) && std::any_of(first, name.end(), is_lower);
}

Meaning Imports::external(std::string_view name) const {
  return {unit_.module.terms.global(name), Nature::external};
}

Meaning Imports::module(std::string_view specifier) {
  const auto [found, added] = modules_.try_emplace(std::string(specifier));
  if (!added) return found->second;
  Meaning& result = found->second;
  if (const auto known = unit_.resolver.resolve(unit_.input.module_name, specifier)) {
    if (recorded_.emplace(*known).second) unit_.module.imports.push_back(unit_.module.terms.intern(*known));
    result = {unit_.module.terms.global(*known), Nature::module};
  } else if (specifier.starts_with('.')) {
    result = external(join(unit_.input.module_name, specifier));
  } else {
    result = external(package_name(specifier));
  }
  return result;
}

Meaning Imports::standard(const Meaning& module) {
  if (module.nature != Nature::module) return module;
  return {member(module, "default").term, Nature::value};
}

Meaning Imports::as_value(const Meaning& meaning) {
  return meaning.nature == Nature::module ? standard(meaning) : meaning;
}

Meaning Imports::member(const Meaning& base, std::string_view name) {
  const std::string_view owner = unit_.module.terms.text(base.term);
  std::string qualified(owner);
  if (base.nature == Nature::external) {
    if (name == "default") return base;
    if (name == "promises" && contains(with_promises, owner)) return external(qualified + "/promises");
    if (owner == "globalThis" && (name == "globalThis" || name == "window" || name == "global")) return base;
    qualified += '.';
    qualified += name;
    return external(qualified);
  }
  qualified += '.';
  qualified += name;
  return {unit_.module.terms.global(qualified), looks_like_type(name) ? Nature::type : Nature::value};
}

}  // namespace lockwright::frontends::typescript
