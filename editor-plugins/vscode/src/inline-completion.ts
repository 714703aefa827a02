// inline-completion.ts: what stands between the editor and the server's ghost text.
//
// Every exit is a plain return: the editor's token is the only state, and cancelling it cancels
// the request on the wire.
import * as vscode from 'vscode';
import { Middleware } from 'vscode-languageclient/node';
import { readConfig } from './config';

// `folder`: where this client's server answers, since a folder within another has a server of its
// own; undefined: everywhere.
export function inlineCompletionMiddleware(
  folder: vscode.WorkspaceFolder | undefined,
): Pick<Middleware, 'provideInlineCompletionItems'> {
  return {
    async provideInlineCompletionItems(document, position, context, token, next) {
      const config = readConfig();
      if (!config.enabled) return [];
      const owner = vscode.workspace.getWorkspaceFolder(document.uri);
      if (folder && owner?.uri.toString() !== folder.uri.toString()) return [];
      const automatic = context.triggerKind === vscode.InlineCompletionTriggerKind.Automatic;
      if (automatic && !(await pause(config.debounceMs, token))) return [];
      return next(document, position, context, token);
    },
  };
}

// False when cancelled before the time was over.
function pause(milliseconds: number, token: vscode.CancellationToken): Promise<boolean> {
  if (token.isCancellationRequested) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      subscription.dispose();
      resolve(true);
    }, milliseconds);
    const subscription = token.onCancellationRequested(() => {
      clearTimeout(timer);
      subscription.dispose();
      resolve(false);
    });
  });
}
