--- :checkhealth engram

local M = {}

function M.check()
  local health = vim.health
  health.start('engram')
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.12') == 0 then
    health.error('Neovim ' .. version .. ' has no inline completion', 'install Neovim 0.12 or newer')
    return
  end
  health.ok('Neovim ' .. version)

  local settings = require('engram').settings
  if not settings then
    health.error('not set up', "call require('engram').setup({}) in your configuration")
    return
  end
  local program = settings.cmd[1]
  if vim.fn.executable(program) == 0 then
    health.error(
      ("the program '%s' is not found"):format(program),
      "install engram, or name it: require('engram').setup({ cmd = { '/path/to/engram', 'lsp' } })"
    )
    return
  end
  health.ok(vim.trim(vim.fn.system({ program, '--version' })) .. ' at ' .. vim.fn.exepath(program))

  local clients = vim.lsp.get_clients({ name = 'engram' })
  if #clients == 0 then
    health.warn('the server is not running', 'open a file; then :checkhealth vim.lsp')
    return
  end
  local status = require('engram.status')
  for bufnr in pairs(clients[1].attached_buffers) do
    local now = status.of(bufnr)
    if now then
      (now.state == 'error' and health.error or health.ok)(table.concat(status.lines(now), '\n'))
      return
    end
  end
  health.info('the server runs and has not told its status yet')
end

return M
