// Whether code speaks of something: what it is named with, not what is said about it. The bodies of functions
// and of macros count; declarations and comments call nothing.
#include <algorithm>

#include "analyzer/frontends/cpp/frontend.h"
#include "analyzer/frontends/cpp/shown_text.h"
#include "analyzer/frontends/cpp/syntax.h"

namespace lockwright::frontends::cpp {

bool mentions(std::string_view text, const source::Prefilter& words) {
  if (!words.matches(text)) return false;
  const std::string shown = shown_text(text);
  const Syntax syntax = parse_syntax(text, shown);
  std::uint32_t end = 0;  // of the bodies so far
  for (std::uint32_t id = 0; id < syntax.size(); ++id) {
    const Node node = syntax.node(id);
    switch (node.kind()) {
      case Kind::function_definition_:
      case Kind::preproc_def_:
      case Kind::preproc_function_def_:
      case Kind::error: end = std::max(end, node.end()); break;
      default: break;
    }
    const bool is_leaf = !node.first_child();
    if (is_leaf && node.begin() < end && words.matches(node.text())) return true;
  }
  return false;
}

}  // namespace lockwright::frontends::cpp
