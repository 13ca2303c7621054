// Where an import goes.
#include <gtest/gtest.h>

#include "analyzer/fixes/python/code.h"

namespace lockwright::fixes::python {
namespace {

std::string with_os(const std::string& text) {
  source::FileTable files({}, {{"a.py", text}}, {});
  const Code code(files, source::FileId{0});
  Edits edits(source::FileId{0}, code.text());
  code.import_module(edits, "os");
  const auto taken = edits.take();
  return taken ? edited(text, *taken) : text;
}

TEST(PythonImports, AmongItsLikeInOrder) {
  EXPECT_EQ(with_os("import json\nimport time\n\nx = 1\n"), "import json\nimport os\nimport time\n\nx = 1\n");
  EXPECT_EQ(with_os("import json\nfrom pathlib import Path\n"),
            "import json\nimport os\nfrom pathlib import Path\n");
  EXPECT_EQ(with_os("import sys\n"), "import os\nimport sys\n");
  EXPECT_EQ(with_os("import json\n\nimport requests\n"), "import json\nimport os\n\nimport requests\n");
}

TEST(PythonImports, NotTwice) {
  EXPECT_EQ(with_os("import json, os\n"), "import json, os\n");
  EXPECT_EQ(with_os("import os as operating\n"), "import os as operating\nimport os\n");
}

TEST(PythonImports, AfterWhatMustComeFirst) {
  EXPECT_EQ(with_os("#!/usr/bin/env python3\n\"\"\"What.\"\"\"\n\nx = 1\n"),
            "#!/usr/bin/env python3\n\"\"\"What.\"\"\"\n\nimport os\n\nx = 1\n");
  EXPECT_EQ(with_os("\"\"\"What.\"\"\"\nfrom __future__ import annotations\n\nimport json\n"),
            "\"\"\"What.\"\"\"\nfrom __future__ import annotations\n\nimport json\nimport os\n");
  EXPECT_EQ(with_os("# A licence.\nx = 1\n"), "# A licence.\nimport os\n\nx = 1\n");
  EXPECT_EQ(with_os("from __future__ import annotations\nx = 1\n"),
            "from __future__ import annotations\n\nimport os\nx = 1\n");
}

TEST(PythonImports, BeforeOthersThatAreFromModules) {
  EXPECT_EQ(with_os("from json import load\n"), "import os\nfrom json import load\n");
}

}  // namespace
}  // namespace lockwright::fixes::python
