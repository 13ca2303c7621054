// See client.h. A client that asks for diagnostics is only left to do so if it can also be told that other
// documents' have changed: an edit of one file changes findings in those that depend on it.
#include "analyzer/lsp/client.h"

#include <algorithm>

namespace lockwright::lsp {
namespace {

bool lists(const Json& array, const Json& value) {
  return array.is_array() && std::find(array.begin(), array.end(), value) != array.end();
}

}  // namespace

Client client_of(const Json& parameters) {
  const Json& can = value_at(parameters, {"capabilities"});
  const Json& document = value_at(can, {"textDocument"});
  const Json& workspace = value_at(can, {"workspace"});
  Client client;
  client.encoding = negotiated(texts_in(value_at(can, {"general", "positionEncodings"})));
  client.related_documents = is_set(document, {"diagnostic", "relatedDocumentSupport"});
  client.diagnostic_refresh = is_set(workspace, {"diagnostics", "refreshSupport"});
  const bool pulls = value_at(document, {"diagnostic"}).is_object();
  const Json& wanted = value_at(parameters, {"initializationOptions", "diagnostics"});
  if (pulls && (client.diagnostic_refresh || client.related_documents) && wanted != "push")
    client.delivery = Delivery::pull;
  const Json& reported =
      value_at(document, {client.delivery == Delivery::pull ? "diagnostic" : "publishDiagnostics"});
  const Json& published = value_at(document, {"publishDiagnostics"});
  const auto reports = [&](const char* what) {
    return is_set(reported, {what}) || is_set(published, {what});
  };
  client.related_information = reports("relatedInformation");
  client.code_description = reports("codeDescriptionSupport");
  client.unnecessary_tag = lists(value_at(reported, {"tagSupport", "valueSet"}), 1) ||
                           lists(value_at(published, {"tagSupport", "valueSet"}), 1);
  client.markdown = lists(value_at(document, {"hover", "contentFormat"}), "markdown");
  client.versioned_edits = is_set(workspace, {"workspaceEdit", "documentChanges"});
  client.code_action_literals = value_at(document, {"codeAction", "codeActionLiteralSupport"}).is_object();
  client.progress = is_set(can, {"window", "workDoneProgress"});
  client.watches_files = is_set(workspace, {"didChangeWatchedFiles", "dynamicRegistration"});
  client.has_configuration = is_set(workspace, {"configuration"});
  client.tells_of_configuration = is_set(workspace, {"didChangeConfiguration", "dynamicRegistration"});
  return client;
}

}  // namespace lockwright::lsp
