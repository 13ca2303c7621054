// What a frontend keeps of one file for the text that comes after an edit.
#pragma once

#include <memory>
#include <string>

struct TSTree;

namespace lockwright::frontends {

struct TreeDeleter {
  void operator()(TSTree* tree) const;
};

/// tree-sitter's tree and the text it is of. It takes some ten times the text's memory. Not thread-safe.
struct KeptTree {
  std::string text;
  std::unique_ptr<TSTree, TreeDeleter> tree;  ///< null: nothing is kept yet
};

}  // namespace lockwright::frontends
