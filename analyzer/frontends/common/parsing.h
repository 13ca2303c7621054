// tree-sitter's parsers, and trees that are kept from one text of a file to the next.
#pragma once

#include <tree_sitter/api.h>

#include <memory>
#include <string_view>

#include "analyzer/frontends/common/kept_tree.h"

namespace lockwright::frontends {

struct ParserDeleter {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};
/// A parser keeps its buffers, so each thread has one a language.
using Parser = std::unique_ptr<TSParser, ParserDeleter>;
using Tree = std::unique_ptr<TSTree, TreeDeleter>;

/// `parser` is where the thread's parser is; it is made when it is missing. `text` is at most 4 GiB long.
Tree parse_text(Parser& parser, const TSLanguage* language, std::string_view text);

/// The same tree, made from `kept` where that holds the tree of a text that differs in one place; afterwards
/// `kept` holds this one. `kept` may be null.
Tree parse_text(Parser& parser, const TSLanguage* language, std::string_view text, KeptTree* kept);

}  // namespace lockwright::frontends
