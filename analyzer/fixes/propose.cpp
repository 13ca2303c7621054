// Each language proposes for its own files.
#include "analyzer/fixes/propose.h"

#include "analyzer/fixes/cpp/propose.h"
#include "analyzer/fixes/python/propose.h"
#include "analyzer/fixes/typescript/propose.h"

namespace lockwright::fixes {

std::vector<findings::Fix> propose(const findings::Finding& finding, const source::FileTable& files) {
  const source::SourceFile* file = files.get(finding.primary.file);
  if (!finding.repair || file == nullptr) return {};
  switch (file->language()) {
    case source::Language::python: return python::propose(finding, files);
    case source::Language::typescript: return typescript::propose(finding, files);
    case source::Language::cpp: return cpp::propose(finding, files);
  }
  return {};
}

}  // namespace lockwright::fixes
