--- engram.config: what the user may set, checked once.

local M = {}

---@class engram.Config
---@field cmd string[] the server; "engram" must be in $PATH, or name it here
---@field model? string name of a model, or path to a GGUF; nil: the best one on this machine
---@field semantic boolean Clang reads the files of a compile database in the background
---@field enabled boolean ghost text on at start
---@field filetypes? string[] nil: all
---@field root_markers string[] files and folders that mark the root of a workspace
---@field keymaps table<string, string|false> insert mode; false: none

---@type engram.Config
M.defaults = {
  cmd = { 'engram', 'lsp' },
  model = nil,
  semantic = true,
  enabled = true,
  filetypes = nil,
  root_markers = { '.engram.toml', '.git' },
  keymaps = {
    accept = '<Tab>', -- falls back to what the key did before
    accept_word = '<M-w>',
    accept_line = '<M-l>',
    next = '<M-]>',
    previous = '<M-[>',
  },
}

--- The user's settings over the defaults; an error names what is wrong.
---@param user? table
---@return engram.Config
function M.resolve(user)
  vim.validate('engram.setup', user, 'table', true)
  user = user or {}
  local config = vim.tbl_deep_extend('force', M.defaults, user)
  if user.cmd then
    config.cmd = user.cmd -- a list replaces, it does not merge
  end
  vim.validate('cmd', config.cmd, vim.islist, 'a list of strings')
  vim.validate('model', config.model, 'string', true)
  vim.validate('semantic', config.semantic, 'boolean')
  vim.validate('enabled', config.enabled, 'boolean')
  vim.validate('filetypes', config.filetypes, 'table', true)
  vim.validate('root_markers', config.root_markers, 'table')
  for name, key in pairs(config.keymaps) do
    vim.validate('keymaps.' .. name, M.defaults.keymaps[name] ~= nil, function(known)
      return known
    end, 'one of accept, accept_word, accept_line, next, previous')
    vim.validate('keymaps.' .. name, key, { 'string', 'boolean' })
  end
  return config
end

--- The command line of the server.
---@param config engram.Config
---@return string[]
function M.command(config)
  local cmd = vim.deepcopy(config.cmd)
  if config.model then
    vim.list_extend(cmd, { '--model', config.model })
  end
  return cmd
end

return M
