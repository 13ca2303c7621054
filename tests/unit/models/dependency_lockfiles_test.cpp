// Which files that are called locks lock versions.
#include "analyzer/models/dependency_lockfiles.h"

#include <gtest/gtest.h>

namespace lockwright::models {
namespace {

TEST(DependencyLockfiles, AreKnownByTheirNames) {
  for (const char* path : {"poetry.lock", "/srv/app/yarn.lock", "C:\\app\\Cargo.lock", "./package-lock.json",
                           "web/pnpm-lock.yaml", ".terraform.lock.hcl"})
    EXPECT_TRUE(is_dependency_lockfile(path)) << path;
}

TEST(DependencyLockfiles, AreNoOthers) {
  for (const char* path :
       {"", "tasks.lock", ".lock", "my-poetry.lock", "poetry.lock.lock", "yarn.lock/pid", "POETRY.LOCK"})
    EXPECT_FALSE(is_dependency_lockfile(path)) << path;
}

}  // namespace
}  // namespace lockwright::models
