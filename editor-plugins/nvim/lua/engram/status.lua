--- engram.status: what the server says about itself, for a statusline and for :checkhealth.

local M = {}

---@type table<integer, table> by client id: the last engram/status (docs/protocol.md)
local last = {}

--- Handler of the notification engram/status.
function M.on_status(_, status, context)
  local before = last[context.client_id]
  if status.semantic and before and before.semantic then -- what is left out comes when it changes
    status.semantic.leftOut = status.semantic.leftOut or before.semantic.leftOut
  end
  last[context.client_id] = status
  vim.cmd.redrawstatus()
end

--- The last status of the server of a buffer; nil when there is none.
---@param bufnr? integer
---@return table?
function M.of(bufnr)
  local client = vim.lsp.get_clients({ name = 'engram', bufnr = bufnr or 0 })[1]
  return client and last[client.id]
end

--- Some words for a statusline: "engram", "engram 42%" of the files indexed, "engram 74% semantic"
--- of the translation units, "engram loading", "engram !", or "" in a buffer without the server.
---@param bufnr? integer
---@return string
function M.text(bufnr)
  local status = M.of(bufnr)
  return status and M.words(status) or ''
end

---@param status table
---@return string
function M.words(status)
  if status.state == 'error' then
    return 'engram !'
  elseif status.state == 'indexing' then
    return ('engram %d%%'):format(status.percentage)
  elseif status.state == 'loading' then
    return 'engram loading'
  elseif status.semantic and status.semantic.state == 'indexing' and status.semantic.total > 0 then
    return ('engram %d%% semantic'):format(status.semantic.percentage)
  end
  return 'engram'
end

--- Some lines for a person.
---@param status table
---@return string[]
function M.lines(status)
  local lines = {
    ('state: %s'):format(status.state),
    ('model: %s (%s)'):format(status.model ~= '' and status.model or '-', status.modelState),
    ('index: %s, %d files'):format(status.index.state, status.index.files),
    ('shown: %d of %d, accepted: %d'):format(status.shown, status.requests, status.accepted),
  }
  local semantic = status.semantic
  if semantic and semantic.total > 0 then
    table.insert(lines, ('%d %% of translation units semantic (%s)'):format(semantic.percentage, semantic.state))
    for _, unit in ipairs(semantic.leftOut or {}) do
      table.insert(lines, ('  without facts: %s: %s'):format(unit.file, unit.reason))
    end
  end
  if status.lastReason ~= '' then
    table.insert(lines, ('last silence: %s %s'):format(status.lastReason, status.lastDetail))
  end
  if status.message ~= '' then
    table.insert(lines, status.message)
  end
  return lines
end

return M
