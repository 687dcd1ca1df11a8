/** The web page and its parts. */
package dev.poolmark.server.http.page;
