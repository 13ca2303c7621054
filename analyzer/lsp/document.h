// The texts that the editor has open.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/lsp/json.h"
#include "analyzer/source/line_map.h"

namespace lockwright::lsp {

/// What the client and the server have agreed that characters are counted in.
using Encoding = source::ColumnUnit;

/// A text with the changes of one didChange notification made to it, one after the other: each has a range
/// in the text that the one before has left, or replaces the whole text.
/// Throws RequestError (invalid_params) for what is no change.
[[nodiscard]] std::string changed(std::string text, const Json& changes, Encoding encoding);

/// An open text. Neither moves nor changes: an edit makes a new one.
struct Document {
  std::string uri;  ///< as the client writes it
  std::int64_t version = 0;
  std::shared_ptr<const std::string> text;
};

/// The open documents by path.
using Documents = std::map<std::string, Document, std::less<>>;

/// LSP's {line, character} of an offset, and the other way round.
[[nodiscard]] Json position_of(std::size_t offset, const source::LineMap& lines, Encoding encoding);
[[nodiscard]] Json range_of(std::size_t begin, std::size_t end, const source::LineMap& lines,
                            Encoding encoding);
/// Throws RequestError (invalid_params) for what is no position.
[[nodiscard]] std::size_t offset_of(const Json& position, const source::LineMap& lines, Encoding encoding);

/// What the client is told about the encoding: "utf-8", "utf-16", "utf-32".
[[nodiscard]] std::string_view encoding_word(Encoding encoding);
/// The one to use with a client that offers these, in its order of preference: UTF-8 if it can, for our
/// offsets count bytes.
[[nodiscard]] Encoding negotiated(const std::vector<std::string>& offered);

}  // namespace lockwright::lsp
