import { api, idempotent, unwrap } from "./client";
import type { NewToken, Page, Person, Registration, Terms, Token } from "./types";

export const readTerms = (): Promise<Terms> => unwrap(api.GET("/api/v1/terms"));

export const signUp = (form: Registration): Promise<unknown> =>
  unwrap(api.POST("/api/v1/accounts", { body: form, params: { header: idempotent() } }));

export const resendVerification = (email: string): Promise<{ message: string }> =>
  unwrap(api.POST("/api/v1/accounts/verification", { body: { email } }));

export const readMe = (): Promise<Person> => unwrap(api.GET("/api/v1/me"));

export const signIn = (email: string, password: string): Promise<unknown> =>
  unwrap(api.POST("/api/v1/session", { body: { email, password } }));

export const signOut = (): Promise<unknown> => unwrap(api.DELETE("/api/v1/session"));

export const listTokens = (): Promise<Page<Token>> => unwrap(api.GET("/api/v1/tokens"));

export const createToken = (name: string, days: number | null): Promise<NewToken> =>
  unwrap(api.POST("/api/v1/tokens", { body: { name, expires_in_days: days } }));

export const deleteToken = (token: string): Promise<unknown> =>
  unwrap(api.DELETE("/api/v1/tokens/{token}", { params: { path: { token } } }));
