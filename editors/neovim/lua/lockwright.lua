-- Lockwright in Neovim, 0.7 and newer:
--
--   vim.opt.runtimepath:append("PATH/TO/lockwright/editors/neovim")
--   require("lockwright").setup()                                        -- or
--   require("lockwright").setup({ cmd = { "/opt/bin/lockwright", "server" } })
--
-- Options are those of vim.lsp.start_client; `root_markers` are the files by which a project's folder is known.
local M = {}

--- The code action "Explain ...": the server has the rule's page, and showing it is the editor's part.
local function explain(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local parameters = { command = command.command, arguments = command.arguments }
  local function show(problem, page)
    if problem then return vim.notify(problem.message, vim.log.levels.ERROR) end
    vim.lsp.util.open_floating_preview(vim.split(page, "\n"), "markdown", { focus_id = "lockwright.explain" })
  end
  if vim.fn.has("nvim-0.11") == 1 then
    client:request("workspace/executeCommand", parameters, show, context.bufnr)
  else
    client.request("workspace/executeCommand", parameters, show, context.bufnr)
  end
end

M.config = {
  name = "lockwright",
  cmd = { "lockwright", "server" },
  filetypes = { "python", "typescript", "typescriptreact", "javascript", "javascriptreact", "c", "cpp" },
  root_markers = { "lockwright.toml", ".git", "pyproject.toml", "package.json", "compile_commands.json" },
  commands = { ["lockwright.explain"] = explain },
}

--- The folder of the project that a file belongs to, by the first marker that is found upwards; nil if there is none.
local function root_of(file, markers)
  for _, marker in ipairs(markers) do
    local folder = vim.fn.fnamemodify(file, ":p:h")
    repeat
      if vim.loop.fs_stat(folder .. "/" .. marker) then return folder end
      local inner = folder
      folder = vim.fn.fnamemodify(inner, ":h")
    until folder == inner
  end
end

--- Before 0.8, which has vim.lsp.start: one client a project.
local function start_client(config, clients, buffer)
  local key = config.root_dir or ""
  if not (clients[key] and vim.lsp.get_client_by_id(clients[key])) then
    clients[key] = vim.lsp.start_client(config)
  end
  if clients[key] then vim.lsp.buf_attach_client(buffer, clients[key]) end
end

function M.setup(options)
  if vim.lsp.enable then -- 0.11
    vim.lsp.config("lockwright", options or {})
    vim.lsp.enable("lockwright")
    return
  end
  local base = vim.tbl_deep_extend("force", M.config, options or {})
  for name, command in pairs(base.commands) do vim.lsp.commands[name] = command end
  base.commands = nil -- what these are for start_client differs from version to version
  local clients = {}
  local function attach(buffer)
    local file = vim.api.nvim_buf_get_name(buffer)
    if file == "" or vim.bo[buffer].buftype ~= "" then return end
    local config = vim.tbl_extend("force", base, { root_dir = base.root_dir or root_of(file, base.root_markers) })
    if vim.lsp.start then
      vim.lsp.start(config, { bufnr = buffer })
    else
      start_client(config, clients, buffer)
    end
  end
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("lockwright", {}),
    pattern = base.filetypes,
    callback = function(event) attach(event.buf) end,
  })
end

return M
