/** Answers: JSON, and what went wrong as a status and a line. */
package dev.poolmark.server.http.answer;
