-- Neovim 0.11 and newer, with this folder's parent on 'runtimepath': vim.lsp.enable("lockwright")
return require("lockwright").config
