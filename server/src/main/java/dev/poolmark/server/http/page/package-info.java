/** The web page, its parts, and the login. */
package dev.poolmark.server.http.page;
