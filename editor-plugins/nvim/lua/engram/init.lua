--- engram: ghost text from the engram language server, in Neovim >= 0.12.
---
--- Thin: Neovim's own client talks to the server and draws; this names the server and the keys.
---   require('engram').setup({})            see :help engram

local M = {}

--- Turns ghost text on or off; nil: the other way.
---@param on? boolean
function M.toggle(on)
  if on == nil then
    on = not vim.lsp.inline_completion.is_enabled()
  end
  vim.lsp.inline_completion.enable(on)
end

--- Shows the status of the server of this buffer.
function M.show_status()
  local status = require('engram.status')
  local now = status.of()
  local lines = now and status.lines(now) or { 'no server here (:checkhealth engram)' }
  vim.notify('Engram: ' .. table.concat(lines, '\n'))
end

---@param user? table see engram.Config
function M.setup(user)
  if vim.fn.has('nvim-0.12') == 0 then
    vim.notify('Engram needs Neovim 0.12 or newer', vim.log.levels.ERROR)
    return
  end
  local config = require('engram.config')
  local settings = config.resolve(user)
  M.settings = settings
  vim.lsp.config('engram', {
    cmd = config.command(settings),
    cmd_env = settings.semantic and {} or { ENGRAM_LSP_SEMANTIC = 'false' },
    filetypes = settings.filetypes,
    root_markers = settings.root_markers,
    init_options = { statusNotifications = true },
    handlers = { ['engram/status'] = require('engram.status').on_status },
  })
  vim.lsp.enable('engram')
  vim.lsp.inline_completion.enable(settings.enabled)
  require('engram.keymaps').set(settings.keymaps)
  vim.api.nvim_create_user_command('Engram', function(command)
    if command.args == 'toggle' then
      M.toggle()
    else
      M.show_status()
    end
  end, {
    nargs = '?',
    complete = function()
      return { 'status', 'toggle' }
    end,
    desc = 'Engram: status of the server, or ghost text on and off',
  })
end

return M
