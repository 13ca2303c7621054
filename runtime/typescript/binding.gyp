{
  "variables": {
    # In a package as published the C++ form's files are copied here ("prepack"); in the repository they are next door.
    "kernel": "<!(node -p \"require('fs').existsSync('native/kernel') ? 'native/kernel' : '../cpp/src'\")"
  },
  "targets": [
    {
      "target_name": "lockwright_lock",
      "sources": ["native/addon.cpp"],
      "include_dirs": ["<(kernel)"],
      "cflags_cc!": ["-std=gnu++17", "-fno-exceptions"],
      "cflags_cc": ["-std=c++20", "-Wall", "-Wextra"],
      "conditions": [
        ["OS=='win'", {
          "sources": ["<(kernel)/kernel_lock_windows.cpp"],
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["/std:c++20"], "ExceptionHandling": 1}}
        }, {
          "sources": ["<(kernel)/kernel_lock_posix.cpp"]
        }],
        ["OS=='mac'", {
          "xcode_settings": {"CLANG_CXX_LANGUAGE_STANDARD": "c++20", "GCC_ENABLE_CPP_EXCEPTIONS": "YES", "MACOSX_DEPLOYMENT_TARGET": "11.0"}
        }]
      ]
    }
  ]
}
