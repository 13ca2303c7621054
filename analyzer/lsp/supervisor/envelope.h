// What is written on the outside of a message of ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyzer/lsp/json.h"

namespace lockwright::lsp {

struct Envelope {
  Json id;              ///< null if there is none
  std::string method;   ///< "" of a response
  bool failed = false;  ///< a response with an error
};

/// Reads no further than it must: on the way from a keystroke to its findings this is time lost. For what our
/// own server writes, whose members are sorted.
[[nodiscard]] Envelope envelope_of(std::string_view message);

struct Published {
  std::string uri;
  bool none = false;  ///< no diagnostics
};

/// What textDocument/publishDiagnostics is about, without reading the diagnostics: there may be many, at
/// every key that is pressed.
[[nodiscard]] std::optional<Published> published_in(std::string_view message);

}  // namespace lockwright::lsp
