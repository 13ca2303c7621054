// From a server that has crashed to the one that takes its place.
#pragma once

#include <string_view>

#include "analyzer/lsp/document.h"

namespace lockwright::lsp {

/// What a server must know so that the client need not begin anew.
struct Handover {
  unsigned incarnation = 0;  ///< how many servers there were before
  Json initialize;           ///< its parameters, with the folders as they are now; null: it is still to come
  bool initialized = false;  ///< the client has said so
  Json settings;             ///< the last that the editor gave; null if it never did
  Documents documents;
};

/// The request by which the server asks for the editor's settings.
inline constexpr std::string_view settings_id = "lockwright/configuration";
/// A server that has taken over "answers" this when the findings of what it took over have been delivered.
inline constexpr std::string_view taken_over_id = "lockwright/taken-over";

}  // namespace lockwright::lsp
