--- engram.keymaps: the keys of insert mode. Each does what it did before when there is no ghost text.

local accept = require('engram.accept')

local M = {}

--- What a key did before, as an expression: the keys to type, or nil after a callback ran.
---@param key string
---@return fun(): string?
local function before(key)
  local map = vim.fn.maparg(key, 'i', false, true)
  if vim.tbl_isempty(map) then
    return function()
      return key
    end
  end
  return function()
    if map.callback then
      local result = map.callback()
      return map.expr == 1 and result or nil
    end
    return map.expr == 1 and vim.api.nvim_eval(map.rhs) or map.rhs
  end
end

---@param key string|false|nil
---@param description string
---@param action fun(): boolean
local function map(key, description, action)
  if not key then
    return
  end
  local otherwise = before(key)
  vim.keymap.set('i', key, function()
    if not action() then
      return otherwise()
    end
  end, { expr = true, desc = 'Engram: ' .. description })
end

---@param count integer
local function select(count)
  return function()
    vim.schedule(function()
      vim.lsp.inline_completion.select({ count = count })
    end)
    return true
  end
end

---@param keymaps table<string, string|false>
function M.set(keymaps)
  map(keymaps.accept, 'accept the ghost text', function()
    return accept.take()
  end)
  map(keymaps.accept_word, 'accept a word of the ghost text', function()
    return accept.take(accept.word)
  end)
  map(keymaps.accept_line, 'accept a line of the ghost text', function()
    return accept.take(accept.line)
  end)
  map(keymaps.next, 'show the next suggestion', select(1))
  map(keymaps.previous, 'show the previous suggestion', select(-1))
end

return M
