// Real files in a real directory: what these tests are about is how the file system behaves.
#include "tests/unit/source/temp_tree.h"

#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace lockwright::source::testing {

namespace fs = std::filesystem;

TempTree::TempTree() {
  std::string pattern = (fs::canonical(fs::temp_directory_path()) / "lockwright-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary directory: " << pattern;
  root_ = pattern;
}

TempTree::~TempTree() {
  std::error_code failed;
  for (const auto& entry : fs::recursive_directory_iterator(root_, failed)) {
    if (!entry.is_symlink()) fs::permissions(entry, fs::perms::owner_all, fs::perm_options::add, failed);
  }
  fs::remove_all(root_, failed);
}

void TempTree::write(std::string_view relative, std::string_view content) const {
  fs::create_directories((root_ / relative).parent_path());
  std::ofstream file(root_ / relative, std::ios::binary);
  file << content;
  file.close();
  EXPECT_TRUE(file.good()) << relative;
}

void TempTree::directory(std::string_view relative) const {
  fs::create_directories(root_ / relative);
}

void TempTree::link(std::string_view relative, std::string_view target) const {
  fs::create_directories((root_ / relative).parent_path());
  fs::create_symlink(target, root_ / relative);
}

void TempTree::mode(std::string_view relative, unsigned mode) const {
  fs::permissions(root_ / relative, static_cast<fs::perms>(mode));
}

WithoutPrivilege::WithoutPrivilege() : was_root_(::geteuid() == 0) {
  constexpr uid_t kNobody = 65534;
  if (was_root_ && ::seteuid(kNobody) != 0) ADD_FAILURE() << "cannot become nobody";
}

WithoutPrivilege::~WithoutPrivilege() {
  if (was_root_ && ::seteuid(0) != 0) ADD_FAILURE() << "cannot become root again";
}

bool permissions_do_not_bind() {
  const TempTree tree;
  tree.write("secret");
  tree.mode("secret", 0);
  return std::ifstream(tree.path("secret")).is_open();
}

std::string output_of(const std::string& command) {
  std::string output;
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::array<char, 4096> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  return ::pclose(pipe) == 0 ? output : std::string();
}

}  // namespace lockwright::source::testing
