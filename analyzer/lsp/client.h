// What the client has said of itself when it was initialized.
#pragma once

#include "analyzer/lsp/document.h"
#include "analyzer/lsp/json.h"

namespace lockwright::lsp {

/// How diagnostics get to the client: never both ways, or it would show each twice.
enum class Delivery : std::uint8_t { push, pull };

struct Client {
  Encoding encoding = Encoding::utf16;
  Delivery delivery = Delivery::push;
  bool related_information = false;
  bool code_description = false;
  bool unnecessary_tag = false;
  bool markdown = false;
  bool versioned_edits = false;       ///< edits may say which version of a document they are of
  bool code_action_literals = false;  ///< else it knows commands only, and gets none
  bool related_documents = false;     ///< in answers to textDocument/diagnostic
  bool diagnostic_refresh = false;
  bool progress = false;
  bool watches_files = false;  ///< and can be told which
  bool has_configuration = false;
  bool tells_of_configuration = false;  ///< and can be told that we want to know
};

/// REQUIRES: `parameters` are those of an initialize request.
[[nodiscard]] Client client_of(const Json& parameters);

}  // namespace lockwright::lsp
