// What the reader hands to the worker: the client's side of things at one moment.
#pragma once

#include <string>
#include <vector>

#include "analyzer/lsp/checker.h"
#include "analyzer/lsp/document.h"

namespace lockwright::lsp {

struct World {
  Documents documents;
  std::vector<std::string> folders;  ///< absolute
  ClientSettings settings;
};

/// A world and what has happened since the worker was given the last one.
struct Update {
  World world;
  bool reconfigure = false;            ///< settings or a configuration file changed
  bool disk_changed = false;           ///< any file may have changed
  std::vector<std::string> on_disk{};  ///< these have; absolute

  /// Takes in a later one.
  void add(Update later) {
    world = std::move(later.world);
    reconfigure |= later.reconfigure;
    disk_changed |= later.disk_changed;
    on_disk.insert(on_disk.end(), later.on_disk.begin(), later.on_disk.end());
  }
};

}  // namespace lockwright::lsp
