// config.ts: the extension's settings, read where they are used so that a change holds at once.
import * as vscode from 'vscode';

export interface Config {
  enabled: boolean;
  serverPath: string;
  model: string;
  semantic: boolean;
  debounceMs: number;
}

export function readConfig(): Config {
  const settings = vscode.workspace.getConfiguration('engram');
  return {
    enabled: settings.get('enabled', true),
    serverPath: settings.get('server.path', 'engram'),
    model: settings.get('model', ''),
    semantic: settings.get('semantic', true),
    debounceMs: settings.get('debounceMs', 60),
  };
}
