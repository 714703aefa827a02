--- engram.accept: takes ghost text over, whole or in part. The drawing is Neovim's own
--- (vim.lsp.inline_completion); after a part is taken, the server has the rest at once.

local M = {}

--- The first word of a text, with the blanks before it; a line end alone counts as one.
---@param text string
---@return string
function M.word(text)
  return text:match('^%s*[%w_]+') or text:match('^%s*[^%w_%s]+') or text
end

--- The first line of a text; when it is empty, the second with the line end before it.
---@param text string
---@return string
function M.line(text)
  return text:match('^[^\n]+') or text:match('^\n+[^\n]*') or text
end

--- Inserts `text` at the cursor and puts the cursor after it.
---@param text string
local function insert(text)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local lines = vim.split(text, '\n', { plain = true })
  vim.api.nvim_buf_set_text(0, row - 1, column, row - 1, column, lines)
  local last = lines[#lines]
  vim.api.nvim_win_set_cursor(0, { row + #lines - 1, (#lines == 1 and column or 0) + #last })
end

--- What of the item is still to come at the cursor: an item may begin before it.
---@param item vim.lsp.inline_completion.Item
---@return string
local function rest_of(item)
  local text = item.insert_text --[[@as string]]
  if not item.range then
    return text
  end
  local start_row, start_column = item.range:to_extmark()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  return start_row == row - 1 and text:sub(column - start_column + 1) or text
end

--- Takes what `part` chooses of the ghost text. False when there is none.
---@param part? fun(text: string): string nil: all of it
---@return boolean
function M.take(part)
  if not part then
    return vim.lsp.inline_completion.get()
  end
  return vim.lsp.inline_completion.get({
    on_accept = function(item)
      insert(part(rest_of(item)))
      return nil -- inserted; the item as a whole is not accepted
    end,
  })
end

return M
