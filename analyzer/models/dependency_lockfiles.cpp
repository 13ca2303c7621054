// Package managers lock versions, not files: whoever removes a poetry.lock to have it made anew takes no lock
// from anybody. The names are fixed, and say so by themselves.
#include "analyzer/models/dependency_lockfiles.h"

#include <algorithm>
#include <array>

namespace lockwright::models {

bool is_dependency_lockfile(std::string_view path) {
  static constexpr std::array names = std::to_array<std::string_view>({".terraform.lock.hcl",
                                                                       "Berksfile.lock",
                                                                       "Brewfile.lock.json",
                                                                       "Cargo.lock",
                                                                       "Chart.lock",
                                                                       "Gemfile.lock",
                                                                       "MODULE.bazel.lock",
                                                                       "Pipfile.lock",
                                                                       "Podfile.lock",
                                                                       "Puppetfile.lock",
                                                                       "buf.lock",
                                                                       "bun.lock",
                                                                       "bun.lockb",
                                                                       "composer.lock",
                                                                       "conan.lock",
                                                                       "conda-lock.yml",
                                                                       "deno.lock",
                                                                       "flake.lock",
                                                                       "gems.locked",
                                                                       "gradle.lockfile",
                                                                       "mix.lock",
                                                                       "npm-shrinkwrap.json",
                                                                       "package-lock.json",
                                                                       "packages.lock.json",
                                                                       "pdm.lock",
                                                                       "pixi.lock",
                                                                       "pnpm-lock.yaml",
                                                                       "poetry.lock",
                                                                       "pubspec.lock",
                                                                       "pylock.toml",
                                                                       "rebar.lock",
                                                                       "shard.lock",
                                                                       "uv.lock",
                                                                       "yarn.lock"});
  static_assert(std::ranges::is_sorted(names));
  return std::ranges::binary_search(names, path.substr(path.find_last_of("/\\") + 1));
}

}  // namespace lockwright::models
